// The words of the composer's tools and of the customer's column; texts.js adds them to the console's own.
const zh = {
  canned: {
    open: "常用回复", hint: "在空白处输入 / 也可打开", search: "按名称、内容或快捷词查找", none: "没有匹配的常用回复", empty: "还没有常用回复",
    other: "改用{language}", zh: "中文", en: "英文", manage: "管理常用回复", add: "新增", edit: "编辑", retire: "停用",
    shortcut: "快捷词", shortcut_hint: "小写字母、数字和短横线", title_zh: "中文名称", title_en: "英文名称", text_zh: "中文内容", text_en: "英文内容",
    variables: "点选插入变量；没有资料的变量会留给坐席填写。", save: "保存", saved: "已保存", retired: "已停用", confirm: "停用「{title}」？坐席将不再看到它。",
    new_title: "新增常用回复", edit_title: "编辑常用回复", back: "返回列表",
    variable: { surname: "客户姓氏", agent: "坐席姓名", ticket: "工单号", claim: "理赔号", policy: "保单号" },
    missing: "填好这些内容才能发送：",
    problem: { conflict: "这个快捷词已经有人用了，请换一个。", version_conflict: "刚刚有人改过这条，请返回列表重新打开。", invalid: "请检查快捷词和变量的写法。" },
  },
  knowledge: {
    open: "查知识库", search: "客户问的是什么？", hint: "Enter 查找，再按 Enter 插入", none: "知识库里没有能回答的内容，换个说法试试。", busy: "正在查找…", start: "输入问题，按 Enter 查找",
    fits: "可直接回答", score: "匹配 {percent}", insert: "插入回复", away: "知识服务暂时没有响应，请稍后再查。", article: "文章：{title}",
  },
  suggest: {
    open: "建议回复", title: "建议回复", busy: "正在准备建议…", none: "知识库里没有适合客户这句话的回答。", insert: "插入", dismiss: "不用了", source: "依据《{title}》· 匹配 {percent}",
    away: "暂时给不出建议：知识服务没有响应，请稍后再试。",
  },
  files: {
    open: "添加图片或 PDF", drop: "松开鼠标，把文件加到回复里", remove: "移除 {name}", unsupported: "「{name}」不能发送：只支持 JPG、PNG、WebP 图片和 PDF。", too_large: "「{name}」超过 10 MB，请压缩后再发。",
    empty: "「{name}」是空文件。", too_many: "一次最多 {count} 个文件。", sending: "正在上传 {percent}", checking: "正在检查…", download: "下载 {name}", picture: "图片", pdf: "PDF", kept: "文件", gone: "文件已不在", pending: "正在接收…",
    way: { sms: "客户会收到一条链接，答对证件后四位即可打开，7 天有效。", wechat: "PDF 和 WebP 会以链接发出，客户答对证件后四位即可打开；JPG、PNG 直接显示。" },
    ready: "{count} 个文件将随回复发出", loading: "图片加载失败",
  },
  panel: {
    all: "完整资料", tags: "标签", family: "家庭", consents: "同意情况", tickets: "未结工单", tasks: "待办任务", changes: "变更申请", open_claims: "进行中的理赔", no_open_claims: "没有进行中的理赔",
    no_tickets: "没有其他未结工单", no_tasks: "没有待办任务", reveal: "显示", reveal_hint: "完整号码会显示 60 秒，查看会记入审计日志", revealed: "查看已记入审计日志", hide: "隐藏", failed: "客户资料没有加载成功",
    waits: { customer: "等客户补材料", insurer: "等我方处理" }, report: "代客户报案", draft: "有一份未完成的报案", go_on: "继续", overdue: "已超时", due: "{time} 前", owner: "{name} 负责", nobody: "无人领取",
    take: "领取", done: "完成", outcome: "结果如何？", outcome_hint: "例如：已回电，客户同意补交发票", task_done: "任务已完成", add_task: "新任务", task_saved: "任务已建好", summary: "要做什么", summary_hint: "例如：明天上午回电说明分割单怎么开", until: "最迟", kind: "类型",
    task_kind: { callback: "回电", follow_up: "跟进", quote: "报价", review: "复核" }, save: "保存", this_one: "当前工单", confirm_change: "去确认", look: "查看", back: "返回客户", whole_page: "打开整页", work: { change: "变更申请", claim: "理赔", report: "代客户报案" },
    change_kind: { contact: "联系信息", payment_account: "收付费账户", beneficiary: "受益人", surrender: "退保", renewal: "续保" }, change_state: { asked: "待确认", approved: "已确认", sent: "已送核心", applied: "已生效", declined: "已拒绝" },
    relation: { spouse: "配偶", son: "儿子", daughter: "女儿", father: "父亲", mother: "母亲", sibling: "兄弟姐妹", other: "其他" },
    purpose: { service: "服务通知", reminders: "提醒", greetings: "问候", marketing: "营销" }, given: "同意", refused: "拒绝", stopped: "已退订{channel}", file: "文件", grace: "宽限至 {date}",
    problem: { task_not_open: "任务已被别人领取或关闭。" },
  },
  channel: { phone: "电话", visit: "拜访", email: "邮件", console: "坐席台" },
  help: { canned: "常用回复", knowledge: "查知识库", suggest: "建议回复", attach: "添加文件" },
};

const en = {
  canned: {
    open: "Canned replies", hint: "Or type / in an empty reply", search: "Find by name, words or shortcut", none: "No canned reply matches", empty: "There are no canned replies yet",
    other: "In {language}", zh: "Chinese", en: "English", manage: "Manage canned replies", add: "Add", edit: "Edit", retire: "Retire",
    shortcut: "Shortcut", shortcut_hint: "Lower-case letters, digits and dashes", title_zh: "Name in Chinese", title_en: "Name in English", text_zh: "Words in Chinese", text_en: "Words in English",
    variables: "Click to insert a variable. What nothing is known for is left to the agent.", save: "Save", saved: "Saved", retired: "Retired", confirm: "Retire “{title}”? Agents will not see it any more.",
    new_title: "New canned reply", edit_title: "Edit canned reply", back: "Back to the list",
    variable: { surname: "surname", agent: "agent's name", ticket: "ticket no.", claim: "claim no.", policy: "policy no." },
    missing: "Fill these in before you send:",
    problem: { conflict: "Somebody uses this shortcut already. Choose another.", version_conflict: "Somebody changed this a moment ago. Go back to the list and open it again.", invalid: "Check the shortcut and how the variables are written." },
  },
  knowledge: {
    open: "Search the articles", search: "What does the customer ask?", hint: "Enter searches, Enter again inserts", none: "No article answers this. Try other words.", busy: "Searching…", start: "Write the question and press Enter",
    fits: "answers it", score: "{percent} match", insert: "Insert into the reply", away: "The knowledge service does not answer. Try again in a minute.", article: "Article: {title}",
  },
  suggest: {
    open: "Suggest a reply", title: "Suggested reply", busy: "Looking for a suggestion…", none: "No article answers what the customer said last.", insert: "Insert", dismiss: "No, thanks", source: "From “{title}” · {percent} match",
    away: "No suggestion at the moment: the knowledge service does not answer. Try again in a minute.",
  },
  files: {
    open: "Attach a picture or PDF", drop: "Drop the file to add it to your reply", remove: "Remove {name}", unsupported: "“{name}” cannot be sent: pictures (JPG, PNG, WebP) and PDF only.", too_large: "“{name}” is over 10 MB. Make it smaller and try again.",
    empty: "“{name}” is empty.", too_many: "At most {count} files at a time.", sending: "Uploading {percent}", checking: "Checking…", download: "Download {name}", picture: "Picture", pdf: "PDF", kept: "File", gone: "The file is gone", pending: "Arriving…",
    way: { sms: "The customer gets a link. It asks for the last four of the identity document and works for 7 days.", wechat: "PDF and WebP go as a link that asks for the last four of the identity document; JPG and PNG are shown." },
    ready: "{count} files go with your reply", loading: "The picture could not be loaded",
  },
  panel: {
    all: "Whole record", tags: "Tags", family: "Family", consents: "Consents", tickets: "Open tickets", tasks: "Tasks", changes: "Change requests", open_claims: "Open claims", no_open_claims: "No open claims",
    no_tickets: "No other open tickets", no_tasks: "Nothing to do", reveal: "Show", reveal_hint: "The whole number is shown for 60 seconds, and that you looked goes on the audit log", revealed: "This is on the audit log", hide: "Hide", failed: "The customer could not be loaded",
    waits: { customer: "waits for documents", insurer: "waits for us" }, report: "Report a claim", draft: "A claim report was begun and not finished", go_on: "Go on", overdue: "overdue", due: "by {time}", owner: "{name}", nobody: "nobody has it",
    take: "Take", done: "Done", outcome: "What came of it?", outcome_hint: "For example: called back, the invoice follows", task_done: "The task is done", add_task: "New task", task_saved: "The task is noted", summary: "What is to be done", summary_hint: "For example: call back tomorrow and explain the statement", until: "Until", kind: "Kind",
    task_kind: { callback: "Call back", follow_up: "Follow up", quote: "Quote", review: "Review" }, save: "Save", this_one: "this ticket", confirm_change: "Decide", look: "Look", back: "Customer", whole_page: "Whole page", work: { change: "Change request", claim: "Claim", report: "Report a claim" },
    change_kind: { contact: "Contact details", payment_account: "Bank account", beneficiary: "Beneficiaries", surrender: "Surrender", renewal: "Renewal" }, change_state: { asked: "to be confirmed", approved: "confirmed", sent: "with the core system", applied: "applied", declined: "declined" },
    relation: { spouse: "spouse", son: "son", daughter: "daughter", father: "father", mother: "mother", sibling: "sibling", other: "other" },
    purpose: { service: "Service", reminders: "Reminders", greetings: "Greetings", marketing: "Marketing" }, given: "yes", refused: "no", stopped: "stopped {channel}", file: "a file", grace: "grace until {date}",
    problem: { task_not_open: "Somebody else took this task, or it is closed." },
  },
  channel: { phone: "Phone", visit: "Visit", email: "E-mail", console: "Console" },
  help: { canned: "Canned replies", knowledge: "Search the articles", suggest: "Suggest a reply", attach: "Attach a file" },
};

export const compose = { zh, en };
