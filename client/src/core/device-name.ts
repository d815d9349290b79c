type Named = readonly [token: RegExp, name: string];

/** In this order: most browsers name others as well. */
const BROWSERS: readonly Named[] = [
  [/\bEdg\//, 'Edge'],
  [/\bOPR\//, 'Opera'],
  [/\bFirefox\//, 'Firefox'],
  [/Chrom(?:e|ium)\//, 'Chrome'],
  [/\bSafari\//, 'Safari'],
];
const SYSTEMS: readonly Named[] = [
  [/\biPhone\b/, 'iPhone'],
  [/\biPad\b/, 'iPad'],
  [/\bAndroid\b/, 'Android'],
  [/\bWindows\b/, 'Windows'],
  [/\bMac OS X\b/, 'Mac'],
  [/\bCrOS\b/, 'Chromebook'],
  [/\bLinux\b/, 'Linux'],
];

/** Words by which a person knows the device again: `Chrome on Linux`. */
export function deviceNameOf(userAgent: string): string {
  const nameIn = (table: readonly Named[], unknown: string): string =>
    table.find(([token]) => token.test(userAgent))?.[1] ?? unknown;
  return `${nameIn(BROWSERS, 'a browser')} on ${nameIn(SYSTEMS, 'another system')}`;
}
