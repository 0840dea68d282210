-- Everything the 360° view shows of one customer, in one round trip. Each part reads by an index that begins with the
-- customer (or the policy), so its cost does not grow with the tables.
SELECT to_jsonb(c) AS customer,
  (SELECT to_jsonb(s) FROM customer_standings s WHERE s.customer_id = c.id) AS standing,
  (SELECT jsonb_agg(t.tag ORDER BY t.tag) FROM customer_tags t WHERE t.customer_id = c.id) AS tags,
  (SELECT jsonb_agg(x) FROM (
    SELECT f.id, f.relation, f.customer_id = c.id AS is_ours, coalesce(p.name, f.name) AS name,
      p.id AS customer_id, coalesce(p.birth_date, f.birth_date) AS birth_date, o.gender AS owner_gender
    FROM (SELECT * FROM family_members WHERE customer_id = c.id
          UNION ALL SELECT * FROM family_members WHERE relative_id = c.id) f
    JOIN customers o ON o.id = f.customer_id
    LEFT JOIN customers p ON p.id = CASE WHEN f.customer_id = c.id THEN f.relative_id ELSE f.customer_id END
    ORDER BY f.id LIMIT 50) x) AS family,
  (SELECT jsonb_agg(x) FROM (
    SELECT p.number, r.type AS product_type, r.name_zh, r.name_en, p.status, p.insured_name, p.start_date, p.end_date,
      p.sum_insured::text AS sum_insured, p.premium::text AS premium, p.currency, p.payment_frequency, r.grace_days,
      n.due_date, (n.amount - n.paid_amount)::text AS due_amount
    FROM policies p JOIN products r ON r.id = p.product_id
    LEFT JOIN LATERAL (
      SELECT due_date, amount, paid_amount FROM premium_instalments
      WHERE policy_id = p.id AND paid_date IS NULL AND p.status IN ('active', 'grace')
      ORDER BY due_date LIMIT 1) n ON true
    WHERE p.holder_id = c.id
    ORDER BY p.status IN ('active', 'grace') DESC, p.start_date DESC, p.number LIMIT 100) x) AS policies,
  (SELECT jsonb_agg(x) FROM (
    SELECT l.number, p.number AS policy_number, r.type AS product_type, l.type, l.stage, l.stage_since, l.review_since,
      l.complexity, l.incident_date, l.reported_date, l.claimed_amount::text AS claimed_amount,
      l.approved_amount::text AS approved_amount, l.currency,
      (SELECT jsonb_agg(d.code ORDER BY d.position) FROM claim_documents d
       WHERE d.claim_id = l.id AND d.is_required AND d.received_at IS NULL) AS missing
    FROM claims l JOIN policies p ON p.id = l.policy_id JOIN products r ON r.id = p.product_id
    WHERE l.customer_id = c.id AND l.stage NOT IN ('paid', 'declined', 'withdrawn', 'closed')
    ORDER BY l.reported_date DESC, l.id DESC LIMIT 50) x) AS claims,
  (SELECT to_jsonb(x) FROM (
    SELECT started_on, type, updated_at FROM claim_drafts
    WHERE customer_id = c.id AND state = 'open' LIMIT 1) x) AS draft,
  (SELECT jsonb_agg(x) FROM (
    SELECT t.number, t.kind, t.status, t.urgency, t.summary, t.channel, t.opened_at, t.resolution_due_at,
      a.name AS agent
    FROM tickets t LEFT JOIN agents a ON a.id = t.agent_id
    WHERE t.customer_id = c.id AND t.status <> 'resolved'
    ORDER BY t.priority, t.opened_at LIMIT 50) x) AS tickets,
  (SELECT jsonb_agg(x) FROM (
    SELECT t.number, t.kind, t.summary, t.due_at, t.origin, a.name AS owner
    FROM tasks t LEFT JOIN agents a ON a.id = t.owner_id
    WHERE t.customer_id = c.id AND t.state = 'open' ORDER BY t.due_at LIMIT 50) x) AS tasks,
  (SELECT jsonb_agg(x) FROM (
    SELECT r.number, r.kind, r.field, r.state, r.asked_at, p.number AS policy_number
    FROM change_requests r LEFT JOIN policies p ON p.id = r.policy_id
    WHERE r.customer_id = c.id AND r.state IN ('asked', 'approved', 'sent')
    ORDER BY r.id DESC LIMIT 50) x) AS changes,
  (SELECT jsonb_agg(x) FROM (
    SELECT i.id, i.occurred_at, i.channel, i.direction, i.speaker, i.kind, i.text, i.intent, a.name AS agent
    FROM interactions i LEFT JOIN agents a ON a.id = i.agent_id
    WHERE i.customer_id = c.id ORDER BY i.occurred_at DESC, i.id DESC LIMIT 20) x) AS interactions,
  (SELECT jsonb_agg(x) FROM (
    SELECT b.contact_id, k.channel, b.bound_at, b.expires_at,
      k.opted_out_at IS NOT NULL OR k.unfollowed_at IS NOT NULL AS is_stopped
    FROM bindings b JOIN contacts k ON k.id = b.contact_id
    WHERE b.customer_id = c.id AND b.ended_at IS NULL AND b.expires_at > :now
    ORDER BY b.bound_at DESC LIMIT 20) x) AS channels,
  (SELECT jsonb_agg(x ORDER BY x.id) FROM (
    SELECT DISTINCT ON (purpose, channel) id, purpose, channel, given, recorded_at
    FROM consents WHERE customer_id = c.id ORDER BY purpose, channel, id DESC) x) AS consents
FROM customers c WHERE c.id = :id
