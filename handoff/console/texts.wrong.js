// What may be wrong with a field: by the API's rule, and by the reason that it names.
export const wrong = {
  zh: {
    rules: {
      int_type: "请填整数", int_from_float: "请填整数", int_parsing: "请填整数", float_type: "请填数字", string_type: "请填文字", bool_type: "请选是或否", missing: "这里不能缺", extra_forbidden: "没有这一项", greater_than: "要大于 {limit}", greater_than_equal: "不能小于 {limit}", less_than: "要小于 {limit}", less_than_equal: "不能大于 {limit}",
      string_pattern_mismatch: "格式不对", string_too_short: "太短了，至少要 {limit} 个字", string_too_long: "太长了，最多 {limit} 个字", too_short: "至少要有 {limit} 项", too_long: "最多 {limit} 项", literal_error: "只能是 {limit}", enum: "只能是 {limit}", list_type: "要是一个列表", dict_type: "要是一组名称和值", model_type: "要是一组名称和值", tuple_type: "要是一个列表",
      last_day_over: "最后一天已经过了，请改晚一些或留空", date_type: "请填日期", date_from_datetime_parsing: "请填日期", datetime_from_date_parsing: "请填日期和时间",
      placeholder: "变量要写成 {名称}，“{limit}”不是变量", open_brace: "有一个花括号没有写完整，变量要写成 {名称}", unknown_placeholder: "这条通知没有变量 {{limit}}", told_to_unproved: "{{limit}} 不能发给未核身的号码",
    },
    reasons: {
      "name a first or a last day": "请至少填一个日期", "the first day comes after the last": "开始日期晚于结束日期", "from_days comes after to_days": "起始天数大于结束天数",
      "exclude names nothing, so it would exclude everybody": "请至少选一个排除条件", "give either within_days or not_within_days": "请填天数",
    },
    other: "这里不对：{why}",
  },
  en: {
    rules: {
      string_too_short: "Too short: write at least {limit} character(s)", string_pattern_mismatch: "This is not written as it should be", string_too_long: "Too long: at most {limit} characters",
      last_day_over: "This last day is over: give a later one, or none",
      placeholder: "Write placeholders as {name}; “{limit}” is not one", open_brace: "A brace is not closed: write placeholders as {name}", unknown_placeholder: "This notice knows no {{limit}}", told_to_unproved: "{{limit}} must not go to a number that proved nothing",
    },
    reasons: {},
    other: "{why}",
  },
};
