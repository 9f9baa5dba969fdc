// 500 names that break what is careless, of the kinds that public lists of naughty strings have:
// each may be a file's here, and each is another.
const slashless = (text: string) => text.replaceAll('/', '∕').replaceAll('\\', '∖');

const payloads = [
  'window.ran=1', 'document.title=`ran`', 'alert(1)', 'import(`x`)',
  'fetch(`?`+document.cookie)'
];
const elements = [
  '<img src=x onerror=$>', '<svg onload=$>', '<script>$<∕script>', '"><script>$',
  '<body onload=$>', '<details open ontoggle=$>', '<video src=x onerror=$>',
  '<input autofocus onfocus=$>', '<iframe srcdoc="<img src=x onerror=$>">',
  '<a href="javascript:$">x', "' onmouseover='$", '" autofocus onfocus="$',
  '<math><mi xlink:href="data:x,<script>$">', '<object data="javascript:$">',
  '<marquee onstart=$>', '--><script>$', ']]><script>$', '<style>*{x:expression($)}', '{{$}}',
  '${$}', '#{$}', '<%= $ %>', '{@html $}', 'javascript:$', 'data:text,<script>$',
  '<!--[if gte IE 4]><script>$', '<template><img src=x onerror=$>',
  '<select><img src=x onerror=$>', '<form action="javascript:$">',
  '<base href="javascript:$">'
];

const queries = [
  "' OR '1'='1", '" OR ""="', "'; DROP TABLE files;--", "1; DELETE FROM users",
  "x' UNION SELECT 1--", "admin'--", '1 OR 1=1', "'||(SELECT 1)||'", "\u02bc OR 1=1",
  'x`; SHUTDOWN', "%' AND 1=0 --", '_', '%', "' COLLATE NOCASE", "E'∖∖x00'",
  '$$; DROP TABLE x; $$', '?1', ':name', '@p1', 'NULL', "''", '""', '``',
  '*)(uid=*))(|(uid=*', "' or count(parent::*)=1", '{"$gt":""}', '[$ne]=1', "x' AND SLEEP(5)#"
];

const shells = [
  '$(touch x)', '`id`', ';rm -rf ~', '| cat', '&& id', '|| id', '> out', '< in', '-rf',
  '--help', '-', '--', '*', '?', '~', '~root', '!!', '!1', '$HOME', '${IFS}', '$IFS$9',
  '%PATH%', '%COMSPEC%', '$0', '$@', '{a,b}', '[a-z]', '#x', 'a b', "a'b", 'a"b', 'a`b',
  'a$b', 'a;b', 'a&b', 'a|b', '() { :;}; id', '^x^', '=cmd|calc', '+1', '@SUM(1)',
  '=HYPERLINK(x)', '-1+1', '%s%n%x', '%1$s', '{0}', '{}', '%d', '!!python', '&anchor',
  '*alias', '- a', 'a: b', '? a', '[]', '{"a":1}', '<<EOF', "$'x'", 'a=b', 'eval x'
];

const devices = [
  'CON', 'PRN', 'AUX', 'NUL', 'CLOCK$', 'COM1', 'COM9', 'LPT1', 'LPT9', 'con.txt',
  'Nul.tar.gz', 'aux.h', 'COM¹', 'desktop.ini', 'Thumbs.db', 'a:b', 'a*b', 'a?b', 'a<b',
  'a>b', 'a|c', 'x:stream', '$MFT', '$Recycle.Bin', 'LPT1.x', 'CONIN$', 'CONOUT$',
  '.DS_Store', '._x', 'autorun.inf'
];

const addresses = [
  '%2e%2e', '%2F', '%5c', '%00', '%0a', '%25', '%u0041', '%c0%af', '%', '%%', '%zz',
  '%E0%A4%A', '+', 'a+b', 'a%20b', '?a=b', '#a', 'a#b?c=d', '&a=b', ';x=y', 'http:example',
  'mailto:x', 'file:x', '@', 'a@b', 'a,b', 'a=b&c=d', '..%2f..%2f', '%2e', '.%2e',
  '&lt;b&gt;', '&amp;', '&#x41;', '&', '&nbsp;'
];

const dots = [
  '.a', '..a', '...a', 'a..b', 'a...b', '.htaccess', '.git', '.env', '. a', 'a. b', '.a.b',
  '..a..b', '․', '‥', '…', '．', '．．', 'a.tar.gz', 'index.html', 'favicon.ico', 'robots.txt',
  'passwd', '.well-known', 'a.b.c.d.e.f'
];

const values = [
  'null', 'undefined', 'NaN', 'Infinity', '-Infinity', 'true', 'false', '0', '-0', '1e309',
  '0x0', '00', '１２３', '__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty',
  'valueOf', '__defineGetter__', 'length', 'then', 'toJSON', 'nil', 'None', 'NULL.txt',
  '[object Object]', 'function(){}', '1_000', '9007199254740993', '1.7976931348623157e309',
  '٠١٢', 'ⅷ', '½', '1,5', '2026-02-30', 'LICENSE', 'id', 'name', 'new', 'undefined.txt'
];

const hidden = [
  '\u00ad', '\u034f', '\u115f', '\u180e', '\u200b', '\u200c', '\u200d', '\u2060', '\u2061',
  '\u2064', '\u3164', '\ufe0f', '\ufe0e', '\uffa0', '\ufeff', '\ufff9', '\ufffc', '\ufffd',
  '\u{e0001}', '\u{e0041}', '\u{e0100}', '\u00a0', '\u2003', '\u202f', '\u205f', '\u3000',
  '\u2800', '\u1680'
];

const scripts = [
  'שלום', 'שלום world', 'مرحبا', 'abc مرحبا 123', 'اَلْعَرَبِيَّة', '123 עברית', 'سلام.txt',
  'a.שלום', '(שלום)', 'ﷺ', 'ﷲ', 'ދިވެހި', 'ߒߞߏ', 'नमस्ते', 'สวัสดี', 'ကြောင်', 'ខ្មែរ', '한국어',
  '日本語', '中文', '𠜎𠜱𠝹', 'Ω', 'ﬀ', 'ß', 'ẞ', 'İ', 'ı', 'ſ', 'Ǆ', 'Å', 'é', 'e\u0323\u0302', 'ṩ',
  'Z\u0351\u036b\u0343a\u0363\u0368l\u034f\u0349g\u0332o', '𝒜𝓫𝔠', '🅰🅱', 'аdmin', 'раypal',
  'ⓐⓑ', 'ｆｕｌｌ', '𝟘𝟙', 'ᚠᚢᚦ', '𓀀𓂀', 'ʇxǝʇ', '̀x', '͡a', '\ue000', '\u{f0000}', '\u{10ffff}',
  '\ufffe', '\uffff', '\u0378', '„a“', '‚a‘', '«a»', '“a”', '‘a’', "'", '"', '\'"', '"\'',
  '`', '´', "''''", '""""', '‹›', '″', '′'
];

const pictures = [
  '😀', '😍👍', '👩‍👩‍👧‍👦', '🏳️‍🌈', '🏴󠁧󠁢󠁥󠁮󠁧󠁿', '👍🏽', '🇩🇪', '🇪🇺🇺🇳', '1️⃣', '*️⃣', '❤️', '❤',
  '🧑🏿‍🚀', '🫠', '♂️', '👁️‍🗨️', '🚩', '💩.txt', '🙈🙉🙊', '(╯°□°)╯︵ ┻━┻', '¯_(ツ)_¯', '( ͡° ͜ʖ ͡°)',
  '✓', '☃', '⚡️', '♥️.png', '🅿️', '™️', '㊙️', '🀄'
];

const long = [
  'a'.repeat(255), 'é'.repeat(127), '東'.repeat(85), '😀'.repeat(63), 'a'.repeat(251) + '.txt',
  'W'.repeat(200), 'i'.repeat(254), '.'.repeat(254) + 'a', '<b>'.repeat(85), 'ש'.repeat(127),
  'a b '.repeat(63) + 'c', '-'.repeat(255), '\u200b'.repeat(84) + 'a', '%20'.repeat(85),
  '&lt;'.repeat(63), 'x' + '\u0301'.repeat(120), 'ﷺ'.repeat(85)
];

function* all(): Generator<string> {
  for (const list of [queries, shells, devices, addresses, dots, values, scripts, pictures, long])
    yield* list.map(slashless);
  for (const sign of hidden) yield* [`a${sign}b`, `x${sign}.txt`];
  for (const payload of payloads)
    for (const element of elements) yield slashless(element.replaceAll('$', () => payload));
}

const unseen = new RegExp('[\\u00ad\\u034f\\u115f\\u180e\\u200b\\u2060\\u2061\\u2064\\u2800' +
  '\\u3164\\ufeff\\uffa0\\ufff9]|' +
  '(?<=(^|/)[ax])[\\u200c\\u200d\\ufe0e\\ufe0f\\u{e0001}\\u{e0041}\\u{e0100}]', 'gu');

/** As the page has a name: what is not seen stands there as an escape. */
export const asShown = (name: string): string => name.replace(unseen, (sign) => {
  const hex = sign.codePointAt(0)!.toString(16);
  return hex.length > 4 ? `\\u{${hex}}` : '\\u' + hex.padStart(4, '0');
});

export const hostileNames: readonly string[] =
  [...new Set([...all()].map((name) => name.normalize('NFC')))];
