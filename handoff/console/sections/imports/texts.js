export const texts = {
  zh: {
    title: "导入", lead: "从 CSV 或 Excel 导入客户、保单和赔案。同一文件再次导入不会产生变化。", kind: { customers: "客户", policies: "保单", claims: "赔案" }, kind_label: "导入什么", template: "下载模板",
    mode_label: "遇到有问题的行", mode: { all_or_nothing: "全部不导入", keep_good: "导入没有问题的行" }, mode_hint: { all_or_nothing: "只有每一行都正确才导入。", keep_good: "有问题的行会列在报告里。" },
    source: "客户编号所属系统", drop: "把文件拖到这里，或", choose: "选择文件", release: "松手开始上传", sending: "正在上传 {percent}%", limit: "CSV（UTF-8 或 GB18030）或 Excel（.xlsx），最大 200 MB",
    state: { queued: "排队中", running: "导入中", done: "完成", rejected: "未导入", cancelled: "已取消", failed: "失败" }, history: "导入记录", none: "还没有导入过", none_hint: "先下载模板，填好后上传。",
    column: { file: "文件", kind: "类型", state: "状态", added: "新增", changed: "更新", unchanged: "未变", rejected: "有问题", at: "时间" }, report: "下载问题报告", cancel: "取消导入", cancel_title: "取消这次导入？", cancel_all: "不会导入任何数据。", cancel_good: "已导入的行会保留。", keep: "继续导入", rejected_all: "有 {n} 行有问题，没有导入任何数据。请按报告更正后重新上传。", some: "有 {n} 行没有导入，请查看报告。",
    error: { too_large: "文件超过 200 MB，请拆分后再传。", import_over: "这次导入已经结束。", bad_request: "上传不完整，请重试。" },
  },
  en: {
    title: "Import", lead: "Customers, policies and claims from CSV or Excel. Importing the same file again changes nothing.", kind: { customers: "Customers", policies: "Policies", claims: "Claims" }, kind_label: "What to import", template: "Download template",
    mode_label: "When rows have faults", mode: { all_or_nothing: "Import nothing", keep_good: "Import the good rows" }, mode_hint: { all_or_nothing: "Only when every row is right.", keep_good: "Rows with faults are listed in a report." },
    source: "System the customer numbers belong to", drop: "Drop a file here, or", choose: "choose one", release: "Let go to upload", sending: "Uploading {percent}%", limit: "CSV (UTF-8 or GB18030) or Excel (.xlsx), at most 200 MB",
    state: { queued: "Waiting", running: "Importing", done: "Done", rejected: "Not imported", cancelled: "Cancelled", failed: "Failed" }, history: "History", none: "Nothing was imported yet", none_hint: "Download a template, fill it in, upload it.",
    column: { file: "File", kind: "What", state: "State", added: "Added", changed: "Changed", unchanged: "Unchanged", rejected: "Faulty", at: "When" }, report: "Download report", cancel: "Cancel import", cancel_title: "Cancel this import?", cancel_all: "Nothing will be imported.", cancel_good: "What was imported so far stays.", keep: "Go on importing", rejected_all: "{n} rows have faults, so nothing was imported. Correct them by the report and upload again.", some: "{n} rows were not imported: see the report.",
    error: { too_large: "This file is larger than 200 MB. Split it and try again.", import_over: "This import is over already.", bad_request: "The upload was not complete. Please try again." },
  },
};
