/** A browser or program, by what it says of itself. */
export interface Agent {
  /** As people call it; undefined where it is none that we know. */
  name?: string;
  system?: string;
  isPhone: boolean;
}

const programs: [RegExp, string][] = [
  [/\bEdgA?\//, 'Edge'], [/\bOPR\/|\bOpera\//, 'Opera'], [/\bSamsungBrowser\//, 'Samsung Internet'],
  [/\bVivaldi\//, 'Vivaldi'], [/\bFirefox\/|\bFxiOS\//, 'Firefox'],
  [/\bHeadlessChrome\/|\bChrome\/|\bCriOS\//, 'Chrome'],
  [/\bVersion\/[\d.]+.*\bSafari\//, 'Safari'],
  [/^curl\//, 'curl'], [/^Wget\//, 'Wget'], [/^python-requests\//, 'Python'],
  [/^rclone\//, 'rclone'], [/^Go-http-client\//, 'Go']
];
const systems: [RegExp, string][] = [
  [/\biPhone\b/, 'iPhone'], [/\biPad\b/, 'iPad'], [/\bAndroid\b/, 'Android'],
  [/\bCrOS\b/, 'ChromeOS'], [/\bWindows\b/, 'Windows'], [/\bMac OS X\b|\bMacintosh\b/, 'macOS'],
  [/\bLinux\b/, 'Linux']
];

export function agentOf(text: string | null): Agent {
  const found = (table: [RegExp, string][]) =>
    table.find(([pattern]) => pattern.test(text ?? ''))?.[1];
  const name = found(programs);
  const system = found(systems);
  return {
    ...(name && {name}),
    ...(system && {system}),
    isPhone: system === 'iPhone' || (system === 'Android' && /\bMobile\b/.test(text ?? ''))
  };
}
