// What the bot's intents are called in the reports.
export const intents = {
  zh: {
    affirm: "肯定", deny: "否定", inform: "提供信息", greet: "问候", goodbye: "告别", thank: "致谢", help: "求助", bot_challenge: "问是不是机器人", cancel: "取消",
    ask_faq: "保险知识", ask_claim_materials: "理赔材料", query_claim: "查询理赔", report_claim: "报案", dispute_claim: "理赔异议", upload_documents: "上传材料",
    query_policies: "查询保单", query_policy_detail: "保单明细", query_premium: "查询保费", query_beneficiary: "查询受益人", query_ticket: "查询工单",
    change_beneficiary: "变更受益人", change_contact: "变更联系信息", change_payment_account: "变更账户", surrender_policy: "退保", request_quote: "询价", request_human: "转人工",
    complain: "投诉", suggest: "建议", stop_notifications: "停止通知", verify_identity: "核验身份", out_of_scope: "与保险无关", nlu_fallback: "没有听懂",
  },
  en: {
    affirm: "Yes", deny: "No", inform: "Gives information", greet: "Greeting", goodbye: "Goodbye", thank: "Thanks", help: "Help", bot_challenge: "Are you a bot?", cancel: "Cancel",
    ask_faq: "Insurance question", ask_claim_materials: "Claim documents", query_claim: "Claim status", report_claim: "Report a claim", dispute_claim: "Dispute a claim", upload_documents: "Send documents",
    query_policies: "Policies", query_policy_detail: "Policy details", query_premium: "Premiums", query_beneficiary: "Beneficiaries", query_ticket: "Ticket status",
    change_beneficiary: "Change beneficiaries", change_contact: "Change contact details", change_payment_account: "Change bank account", surrender_policy: "Surrender", request_quote: "Quote", request_human: "Ask for a person",
    complain: "Complaint", suggest: "Suggestion", stop_notifications: "Stop notices", verify_identity: "Verify identity", out_of_scope: "Not about insurance", nlu_fallback: "Not understood",
  },
};
