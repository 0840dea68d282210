export const texts = {
  zh: {
    lead: { account: "你的密码、二次验证和登录。", business: "营业时间、服务时限、规则和文案。改动立即生效，谁在什么时候改的都有记录。", tokens: "其他系统用令牌调用接口。一个系统一个令牌，只给需要的权限。", webhooks: "工单和会话的事件实时推送到你们自己的系统。" },
    tab: { account: "我的账号", business: "业务设置", tokens: "接口令牌", webhooks: "事件推送" }, tabs: "设置分类",
    save: "保存", saved: "已保存", remove: "删除", back: "返回", more: "显示更多",
    password: { title: "密码", old: "现在的密码", new: "新密码", again: "再输一次新密码", hint: "至少 12 个字符。改后其他浏览器会退出登录。", change: "修改密码", done: "密码已修改，其他浏览器已退出登录", differ: "两次输入的新密码不一样。" },
    factor: {
      title: "二次验证", on: "已启用", off: "未启用", why: "登录时除密码外，再要一个手机验证器上的六位数字。", begin: "启用", scan: "用验证器 App（如 Microsoft Authenticator、Google Authenticator）扫描二维码，再输入它显示的六位数字。",
      by_hand: "不能扫码时手动输入", code: "验证器上的六位数字", confirm: "确认启用", done: "二次验证已启用", remove: "停用", removed: "二次验证已停用", password: "先输入密码", picture: "二维码",
      lost: "换手机前请先停用再重新启用；手机丢了，用恢复码登录，恢复码也没有时请管理员在“团队”里重设。",
    },
    recovery: {
      title: "恢复码", once: "手机不在身边时，每个恢复码可以代替验证器登录一次。只显示这一次，请存到手机以外的安全地方。", copy: "复制", copied: "已复制", download: "下载", noted: "我存好了",
      left: "还剩 {n} 个恢复码", why: "手机不在身边时，用恢复码登录，每个只能用一次。", new: "重新生成恢复码", code: "六位数字", renew: "生成", renew_lead: "输入验证器现在显示的六位数字。之前的恢复码全部作废。",
    },
    sessions: { title: "已登录的浏览器", this_one: "本机", since: "{when} 登录", until: "{when} 到期", end: "退出", end_others: "退出其他浏览器", ended: "已退出", unknown: "未知浏览器", lockout: "同一用户名 15 分钟内输错 5 次会暂时锁定。" },
    tokens: {
      name: "系统名称", name_hint: "小写字母、数字和 . _ -，例如 core", scopes: "权限", add: "新令牌", make: "生成令牌", once: "令牌", once_hint: "只显示这一次，请马上存到安全的地方。遗失只能吊销后重新生成。", noted: "我存好了",
      none: "还没有令牌", none_hint: "给核心系统或数据平台生成一个。", revoke: "吊销", revoke_sure: "吊销「{name}」？用它的系统会立即被拒绝。", revoked_done: "已吊销", revoked: "{when} 吊销", active: "有效", made: "{when} 生成", column: { name: "系统", scopes: "权限", state: "状态" }, choose_scopes: "至少选一项权限。",
      area: { agents: "团队", articles: "知识", audit: "审计", changes: "变更申请", claims: "理赔", customers: "客户", dead_letters: "投递", imports: "导入", interactions: "往来记录", notices: "通知", policies: "保单", privacy: "个人信息", reports: "报表", review: "复核", segments: "人群", settings: "业务设置", tasks: "任务", tickets: "工单", webhooks: "事件推送" },
      right: { read: "读取", write: "写入", reveal: "查看完整号码", approve: "确认变更", decide: "理赔决定", pay: "赔付", assign: "指派" },
    },
    webhooks: {
      add: "新的接收地址", url: "接收地址", url_hint: "必须是公网可达的 https 地址", events: "事件", all_events: "全部事件", ticket_events: "全部工单事件", conversation_events: "全部会话事件", some_events: "指定事件", some_hint: "用空格或逗号分隔，例如 ticket.resolved ticket.rated", is_active: "启用",
      once: "签名密钥", once_hint: "只显示这一次。接收方用它按 Standard Webhooks 核对签名。", noted: "我存好了",
      none: "还没有接收地址", none_hint: "添加一个，工单和会话的事件就会推送过去。", on: "启用", off: "停用", gone: "对方说不再需要（410），已停用", edit: "修改", remove_sure: "删除 {url}？推送记录一并删除。", removed: "已删除",
      test: "发送测试事件", tested: "测试事件已排队，结果见下方记录", deliveries: "推送记录", state: { waiting: "等待发送", delivered: "已送达", failed: "失败" }, all_states: "全部", attempts: "第 {n} 次", no_deliveries: "没有推送记录", replay: "重发", replayed: "已排队重发", answered: "对方答 {status}", due: "{when} 再试", refresh: "刷新", payload: "内容", column: { event: "事件", state: "状态", when: "时间" },
    },
    error: { wrong_credentials: "密码不对，请再试一次。", otp_wrong: "数字不对。请核对手机时间，输入下一组数字。", version_conflict: "刚有人改过，请重新读取后再改。", endpoint_is_off: "这个地址已停用，请先启用。", not_enrolled: "请重新开始启用。" },
  },
  en: {
    lead: { account: "Your password, second factor and sign-ins.", business: "Hours, standards, rules and wordings. Changes are in force at once, and it is on record who made them when.", tokens: "Other systems call the API with a token: one for each system, with the rights that it needs.", webhooks: "Events of tickets and conversations are sent to your own systems as they happen." },
    tab: { account: "My account", business: "Business settings", tokens: "API tokens", webhooks: "Webhooks" }, tabs: "Kinds of settings",
    save: "Save", saved: "Saved", remove: "Remove", back: "Back", more: "Show more",
    password: { title: "Password", old: "Present password", new: "New password", again: "New password again", hint: "At least 12 characters. Your other browsers are signed out.", change: "Change password", done: "Password changed; your other browsers are signed out", differ: "The two new passwords differ." },
    factor: {
      title: "Second factor", on: "On", off: "Off", why: "Signing in then asks for six digits of an authenticator app as well.", begin: "Switch on", scan: "Scan the code with an authenticator app (Microsoft Authenticator, Google Authenticator, …), then enter the six digits that it shows.",
      by_hand: "To type, if you cannot scan", code: "Six digits of the app", confirm: "Confirm", done: "The second factor is on", remove: "Switch off", removed: "The second factor is off", password: "Your password first", picture: "QR code",
      lost: "Before a change of phone switch it off and on again. If the phone is lost, sign in with a recovery code; without one, an administrator resets it under Team.",
    },
    recovery: {
      title: "Recovery codes", once: "Without your phone each of these signs you in once, in place of the app's code. They are shown this once: store them safely, but not on that phone.", copy: "Copy", copied: "Copied", download: "Download", noted: "I stored them",
      left: "{n} recovery codes left", why: "A recovery code signs you in without your phone; each works once.", new: "Make new recovery codes", code: "Six digits", renew: "Make them", renew_lead: "Enter the six digits that the app shows now. Earlier recovery codes end.",
    },
    sessions: { title: "Signed-in browsers", this_one: "This one", since: "since {when}", until: "until {when}", end: "Sign out", end_others: "Sign the others out", ended: "Signed out", unknown: "Unknown browser", lockout: "Five wrong passwords within 15 minutes lock a username for a while." },
    tokens: {
      name: "System", name_hint: "Small letters, digits and . _ -, for example core", scopes: "Rights", add: "New token", make: "Make the token", once: "Token", once_hint: "Shown this once: store it safely now. A lost one can only be revoked and made anew.", noted: "I stored it",
      none: "No tokens", none_hint: "Make one for the core system or a data platform.", revoke: "Revoke", revoke_sure: "Revoke “{name}”? The system that uses it is refused at once.", revoked_done: "Revoked", revoked: "revoked {when}", active: "In use", made: "made {when}", column: { name: "System", scopes: "Rights", state: "State" }, choose_scopes: "Choose one right at least.",
      area: { agents: "Team", articles: "Knowledge", audit: "Audit", changes: "Change requests", claims: "Claims", customers: "Customers", dead_letters: "Delivery", imports: "Imports", interactions: "Record", notices: "Notices", policies: "Policies", privacy: "Personal data", reports: "Reports", review: "Review", segments: "Segments", settings: "Business settings", tasks: "Tasks", tickets: "Tickets", webhooks: "Webhooks" },
      right: { read: "read", write: "write", reveal: "reveal", approve: "approve", decide: "decide", pay: "pay", assign: "assign" },
    },
    webhooks: {
      add: "New endpoint", url: "Address", url_hint: "An https address that the internet reaches", events: "Events", all_events: "All events", ticket_events: "All of tickets", conversation_events: "All of conversations", some_events: "Some", some_hint: "Separated by spaces or commas: ticket.resolved ticket.rated", is_active: "Switched on",
      once: "Signing secret", once_hint: "Shown this once. The receiver checks signatures with it, as Standard Webhooks describes.", noted: "I stored it",
      none: "No endpoints", none_hint: "Add one, and events of tickets and conversations go there.", on: "On", off: "Off", gone: "The receiver wants no more (410): switched off", edit: "Edit", remove_sure: "Remove {url}? Its deliveries go too.", removed: "Removed",
      test: "Send a test event", tested: "The test event is on its way: see the deliveries", deliveries: "Deliveries", state: { waiting: "Waiting", delivered: "Delivered", failed: "Failed" }, all_states: "All", attempts: "try {n}", no_deliveries: "Nothing was sent", replay: "Send again", replayed: "It is sent again", answered: "answered {status}", due: "again {when}", refresh: "Refresh", payload: "Content", column: { event: "Event", state: "State", when: "When" },
    },
    error: { wrong_credentials: "The password is not right. Please try again.", otp_wrong: "These digits are not right. Check the phone's clock, and enter the next ones.", version_conflict: "Somebody changed this meanwhile. Read it again, then change it.", endpoint_is_off: "This endpoint is switched off. Switch it on first.", not_enrolled: "Please begin again." },
  },
};
