import type { VoiceLeg } from '../../ports/transcoder.ts';
import type { AmrBand } from './amr-frame.ts';
import { NO_REQUEST } from './amr-payload.ts';
import { evsRequests, evsRules } from './evs-format.ts';
import { firstEvsMode, leastEvsMode } from './evs-modes.ts';
import { NO_EVS_REQUEST } from './evs-payload.ts';
import { amrModeRules } from './format-parameters.ts';
import type { ModeRequests } from './mode-request.ts';
import { amrBandOf } from './voice-frame.ts';

/** 6.60 kbit/s for wideband, 5.90 kbit/s for narrowband. */
const LESS: Readonly<Record<AmrBand, number>> = { narrow: 2, wide: 0 };

/** What the far side of a leg may be asked to send; `undefined`: it knows no requests. */
export function askableModes(leg: VoiceLeg): ModeRequests | undefined {
  const band = amrBandOf(leg.codec);
  if (band) return amrRequests(band, leg.arrivingFormat);
  return leg.codec === 'EVS' ? evsModeRequests(leg) : undefined;
}

function amrRequests(band: AmrBand, format: string | undefined): ModeRequests {
  const { modeSet } = amrModeRules(band, format);
  const less = modeSet.find((it) => it >= LESS[band]) ?? modeSet[0] ?? LESS[band];
  return { none: NO_REQUEST, less, enough: NO_REQUEST };
}

/** Where the last request stands until another comes, silence does not lift it: we ask for enough by name. */
function evsModeRequests({ arrivingFormat, leavingFormat }: VoiceLeg): ModeRequests | undefined {
  if ([arrivingFormat, leavingFormat].some((it) => evsRequests(it) === 'never')) return undefined;
  const rules = evsRules(arrivingFormat);
  return { none: NO_EVS_REQUEST, less: leastEvsMode(rules), enough: firstEvsMode(rules) };
}
