import type { OpusSettings } from '../../ports/voice-codecs.ts';
import { type AmrBand, amrTable } from './amr-frame.ts';
import type { AmrModeRules } from './amr-modes.ts';

/** `a=fmtp` of one format: `name=value;name` in any case (RFC 8866 §6.15). */
export function readFormatParameters(text = ''): ReadonlyMap<string, string> {
  const pairs = text.split(';').map((part) => {
    const [name = '', value = ''] = part.split('=', 2);
    return [name.trim().toLowerCase(), value.trim()] as const;
  });
  return new Map(pairs.filter(([name]) => name !== ''));
}

const numberOf = (parameters: ReadonlyMap<string, string>, name: string): number | undefined => {
  const text = parameters.get(name);
  return text !== undefined && /^\d{1,7}$/.test(text) ? Number(text) : undefined;
};

export const isOctetAligned = (format: string | undefined): boolean =>
  readFormatParameters(format).get('octet-align') === '1';

/** CRCs, sorting and interleaving need octet alignment and change the payload (RFC 4867 §8.1). */
export function isPlainAmr(format: string | undefined): boolean {
  const parameters = readFormatParameters(format);
  const isUnset = (name: string): boolean => (parameters.get(name) ?? '0') === '0';
  return isUnset('crc') && isUnset('robust-sorting') && !parameters.has('interleaving');
}

/** What we send twice comes the second time a packet later, and four frames are the most we pack in one. */
export const MAX_RED_MS = 80;

/** 0 where it is not stated, though RFC 4867 §8.1 then sets no bound: nobody is surprised that way. */
export const maxRedundancyMs = (format: string | undefined): number =>
  numberOf(readFormatParameters(format), 'max-red') ?? 0;

/** What an answer has to repeat of an offer (RFC 4867 §8.3.1). */
const REPEATED = ['octet-align', 'mode-set', 'mode-change-period', 'mode-change-neighbor'];

export function answeredAmrFormat(offered: string | undefined): string {
  const parameters = readFormatParameters(offered);
  const repeated = REPEATED.flatMap((name) => {
    const value = parameters.get(name);
    return value === undefined || !/^[\d,]{1,32}$/.test(value) ? [] : [`${name}=${value}`];
  });
  const maxRed = Math.min(MAX_RED_MS, maxRedundancyMs(offered));
  return [...repeated, 'mode-change-capability=2', `max-red=${String(maxRed)}`].join(';');
}

/** What the one who wrote this wants to be sent; modes that do not exist are passed over. */
export function amrModeRules(band: AmrBand, format: string | undefined): AmrModeRules {
  const parameters = readFormatParameters(format);
  const { topMode } = amrTable(band);
  const modeSet = (parameters.get('mode-set') ?? '')
    .split(',')
    .filter((mode) => /^\s*\d\s*$/.test(mode))
    .map(Number)
    .filter((mode) => mode <= topMode)
    .sort((a, b) => a - b);
  return {
    band,
    modeSet: [...new Set(modeSet)],
    changePeriod: parameters.get('mode-change-period') === '2' ? 2 : 1,
    neighborOnly: parameters.get('mode-change-neighbor') === '1',
  };
}

/** Speech with redundancy; 6 kbit/s is the least that Opus has (RFC 6716 §2.1.1). */
const OPUS_BITRATES: ReadonlyMap<number, number> = new Map([
  [8000, 16_000],
  [16_000, 28_000],
]);
const LEAST_OPUS_BITRATE = 6000;

export function opusSettings(format: string | undefined, rateHz: number): OpusSettings {
  const parameters = readFormatParameters(format);
  const bitrate = OPUS_BITRATES.get(rateHz) ?? LEAST_OPUS_BITRATE;
  const most = numberOf(parameters, 'maxaveragebitrate') ?? bitrate;
  return {
    bitrate: Math.max(LEAST_OPUS_BITRATE, Math.min(bitrate, most)),
    withRedundancy: parameters.get('useinbandfec') === '1',
    isConstantRate: parameters.get('cbr') === '1',
    playbackRateHz: numberOf(parameters, 'maxplaybackrate') ?? 48_000,
  };
}

/** `usedtx=1`: the receiver would rather have silence than packets of it (RFC 7587 §6.1). */
export const wantsOpusPauses = (format: string | undefined): boolean =>
  readFormatParameters(format).get('usedtx') === '1';
