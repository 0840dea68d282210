"""Names of people: proper names only, never kinship words."""

from __future__ import annotations

import re

from bot.entities.found import Found

_SURNAMES = (
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏窦章云苏潘葛奚范彭郎鲁韦昌马苗凤方俞任袁柳史唐费廉岑薛"
    "雷贺倪汤罗郝安常于傅卞齐康伍余顾孟黄穆萧尹姚邵汪祁毛狄明戴宋庞熊纪舒项祝董梁杜阮蓝闵季贾路江童颜郭梅盛林钟徐邱骆高夏蔡田樊胡凌霍"
    "万柯管卢莫房丁邓洪包左石崔吉龚程邢裴陆翁甄曲封储靳段富焦侯班秋仲伊宫宁仇甘厉武符刘景詹龙叶白赖卓乔阎廖曾关游翟谭申肖聂邝温"
)
_COMPOUND = "欧阳|司马|上官|诸葛|皇甫|尉迟|公孙|慕容|司徒|令狐|夏侯"
_NAME = rf"(?:(?:{_COMPOUND})[\u4e00-\u9fff]{{1,2}}|[{_SURNAMES}][\u4e00-\u9fff]{{1,2}})"
_END = r"(?=$|[^\u4e00-\u9fff]|[，,。.、和与跟及的占是吧啊呢了])"
_KIN = (
    "儿子|女儿|老婆|老公|妻子|丈夫|太太|先生|爱人|爸爸|妈妈|父亲|母亲|孩子|"
    "哥哥|弟弟|姐姐|妹妹|孙子|孙女|侄子|朋友|配偶"
)
_NO_NAME = re.compile(
    r"^(?:高兴|方便|安全|安排|金额|关于|关系|任何|常常|明天|明年|明白|万一|路上|于是|石头|马上|和|温度|白天|包括|项目|经理|时候|明细|"
    r"安答|安行|安心|康泽|平安|成都|江苏|云南|余额|梅雨|童话|许多|何时|何处|季度|景区|房子|房屋|车|管理|游客|武汉|齐全|曲线|"
    r"夏天|秋天|金融|华为|方案|方式|方向|方法|应该|有效|单位|上海|段时间|程序|时间|邮箱|左边|左手|柏油|雷雨|毛病|石膏|龙头).*"
)
_CUED = [
    re.compile(
        rf"(?:我叫|名叫|叫做?|姓名[是:：]?|名字[是叫:：]?|我是|本人|改[成为]|换[成为]|写[成为]?|加上?|指定|变更为)\s?(?P<name>{_NAME}){_END}"
    ),
    re.compile(rf"(?:{_KIN})[叫是,，:：]?\s?(?P<name>{_NAME}){_END}"),
    re.compile(rf"(?P<name>{_NAME})[,，、]\s?(?:我的?)?(?:{_KIN})"),
    re.compile(rf"^\W*(?P<name>{_NAME})\W*$"),
]
_WORD = r"[A-Z][a-z]+(?:[-'][A-Z][a-z]+)?"
_FULL = rf"{_WORD}(?: {_WORD}){{1,2}}"
_EN_KIN = (
    r"(?:son|daughter|wife|husband|spouse|mother|father|mum|mom|dad|brother|sister|"
    r"partner|friend|child|niece|nephew|beneficiary)"
)
_EN_CUED = [
    re.compile(rf"(?i:my name is|i am|i'm|this is|named?|called|name:)\s+(?P<name>{_FULL}|{_WORD}(?=\W*$))"),
    re.compile(rf"(?i:\b(?:{_EN_KIN}))[,:]?\s+(?:is\s+|to\s+)?(?P<name>{_FULL})"),
    re.compile(rf"(?P<name>{_FULL}),?\s+(?i:(?:my |his |her )?(?:{_EN_KIN}))\b"),
    re.compile(rf"(?i:\b(?:to|add|put|make|with))\s+(?P<name>{_FULL})"),
    re.compile(rf"^\W*(?P<name>{_FULL})\W*$"),
]
_NOT_WORDS = {
    *(
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
    ),
    *(
        "December",
        "Monday",
        "Tuesday",
        "Wednesday",
        "Thursday",
        "Friday",
        "Saturday",
        "Sunday",
        "Safe",
        "Journey",
    ),
    *(
        "Peace",
        "Medical",
        "Street",
        "Road",
        "Hospital",
        "Airport",
        "Station",
        "Park",
        "Hi",
        "Hello",
        "Good",
        "Dear",
    ),
    *(
        "Bank",
        "China",
        "Customer",
        "Service",
        "Thank",
        "Thanks",
        "Yes",
        "No",
        "Please",
        "The",
        "My",
        "I",
        "What",
    ),
    *(
        "Critical",
        "Illness",
        "Term",
        "Life",
        "Claim",
        "Policy",
        "Ticket",
        "Car",
        "Home",
        "Insurance",
        "Hong",
        "New",
    ),
    *(
        "Beijing",
        "Shanghai",
        "Pudong",
        "Third",
        "Party",
        "Long",
        "Shelter",
        "Everyday",
        "Accident",
        "How",
        "When",
    ),
}


def find_people(text: str) -> list[Found]:
    """Find people's names where the wording, or the whole message, says that it is one."""
    found = [
        _found(match)
        for pattern in _CUED
        for match in pattern.finditer(text)
        if not _NO_NAME.match(match["name"])
    ]
    for pattern in _EN_CUED:
        found += [
            _found(match) for match in pattern.finditer(text) if not _NOT_WORDS & set(match["name"].split())
        ]
    return found


def _found(match: re.Match[str]) -> Found:
    return Found("person", match["name"], *match.span("name"))
