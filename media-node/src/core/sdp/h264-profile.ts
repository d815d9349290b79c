import { fromBase64 } from '../base64.ts';

/** What a `profile-level-id` that is absent stands for (RFC 6184 §8.1). */
export const H264_DEFAULT_ID = '42000a';

/**
 * RFC 6184 §8.1, Table 5, and ITU-T H.264 §A.2.4.2: `profile_idc`, and of `profile-iop` the bits that
 * count and what they are.
 */
const PROFILES = [
  { name: 'constrained-baseline', idc: '42', mask: 0x4f, bits: 0x40 },
  { name: 'constrained-baseline', idc: '4d', mask: 0x8f, bits: 0x80 },
  { name: 'constrained-baseline', idc: '58', mask: 0xcf, bits: 0xc0 },
  { name: 'baseline', idc: '42', mask: 0x4f, bits: 0 },
  { name: 'baseline', idc: '58', mask: 0xcf, bits: 0x80 },
  { name: 'main', idc: '4d', mask: 0xaf, bits: 0 },
  { name: 'extended', idc: '58', mask: 0xcf, bits: 0 },
  { name: 'high', idc: '64', mask: 0xff, bits: 0 },
  { name: 'constrained-high', idc: '64', mask: 0xff, bits: 0x0c },
] as const;

/** One profile is written in several ways; one that is not in the table is named by what it says. */
export function h264ProfileOf(profileLevelId: string): string {
  const [, profile = '', flags = ''] =
    /^([0-9a-f]{2})([0-9a-f]{2})[0-9a-f]{2}$/i.exec(profileLevelId) ?? [];
  const [idc, iop] = [profile.toLowerCase(), Number.parseInt(flags, 16)];
  const known = PROFILES.find((it) => it.idc === idc && (iop & it.mask) === it.bits);
  return known?.name ?? `${idc} ${String(iop)}`;
}

/** What every decoder of the one profile decodes of the other. */
export const isPartOf = (part: string, whole: string): boolean => part === `constrained-${whole}`;

/** `constraint_set3_flag`: of Baseline and Main it makes level 1.1 level 1b (ITU-T H.264 §A.3.1). */
const LEVEL_1B = 0x10;

/** The level of one in the profile of another, which has to be of a level of its own. */
export function h264IdAt(profileOf: string, levelOf: string): string {
  const [ours, theirs] = [profileOf, levelOf].map((it) => Number.parseInt(it.slice(2, 4), 16));
  const iop = ((ours ?? 0) & ~LEVEL_1B) | ((theirs ?? 0) & LEVEL_1B);
  return `${profileOf.slice(0, 2)}${iop.toString(16).padStart(2, '0')}${levelOf.slice(4)}`;
}

const PICTURE_PARAMETER_SET = 8;

/**
 * Of `sprop-parameter-sets`: pictures come in slice groups, which no constrained decoder knows
 * (ITU-T H.264 §7.3.2.2: two identifiers, two flags, and how many groups there are more than one).
 */
export const hasSliceGroups = (sets: string): boolean =>
  sets.split(',').some((set) => {
    const [header = 0, ...payload] = fromBase64(set) ?? [];
    if ((header & 0x1f) !== PICTURE_PARAMETER_SET) return false;
    const bits = payload.map((it) => it.toString(2).padStart(8, '0')).join('');
    return behind(behind(bits)).slice(2).startsWith('0');
  });

/** What follows one number in Exp-Golomb code (ITU-T H.264 §9.1). */
function behind(bits: string): string {
  const zeros = bits.indexOf('1');
  return zeros < 0 ? '' : bits.slice(2 * zeros + 1);
}
