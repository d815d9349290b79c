/** What a `profile-level-id` that is absent stands for (RFC 6184 §8.1). */
export const H264_DEFAULT_ID = '42000a';

/** RFC 6184 §8.1, Table 5: `profile_idc`, and of `profile-iop` the bits that count and what they are. */
const PROFILES = [
  { name: 'constrained-baseline', idc: '42', mask: 0x4f, bits: 0x40 },
  { name: 'constrained-baseline', idc: '4d', mask: 0x8f, bits: 0x80 },
  { name: 'constrained-baseline', idc: '58', mask: 0xcf, bits: 0xc0 },
  { name: 'baseline', idc: '42', mask: 0x4f, bits: 0 },
  { name: 'baseline', idc: '58', mask: 0xcf, bits: 0x80 },
  { name: 'main', idc: '4d', mask: 0xaf, bits: 0 },
  { name: 'extended', idc: '58', mask: 0xcf, bits: 0 },
] as const;

/** One profile is written in several ways; one that is not in the table is named by what it says. */
export function h264ProfileOf(profileLevelId: string): string {
  const [, profile = '', flags = ''] = /^([0-9a-f]{2})([0-9a-f]{2})/i.exec(profileLevelId) ?? [];
  const [idc, iop] = [profile.toLowerCase(), Number.parseInt(flags, 16)];
  const known = PROFILES.find((it) => it.idc === idc && (iop & it.mask) === it.bits);
  return known?.name ?? `${idc} ${String(iop)}`;
}
