import type { VideoWish } from '@isthmus/shared/wire/video';
import type { VideoView } from '../../ports/call-media.ts';
import type { CallEffect, CallEvent, CallState, Filming, Step } from './call-types.ts';
import { isOfferingToIms, offerToIms } from './holding.ts';
import { go, reofferTo, stay } from './steps.ts';

type Established = CallState & { readonly kind: 'established' };

const DARK: VideoView = { ours: false, theirs: false };
const NONE: Filming = { view: DARK };
const filmingOf = ({ filming = NONE }: Established): Filming => filming;

/** In words, whoever it is that has none. */
const NO_VIDEO = 'There can be no video in this call now.';

/** Video comes, turns and goes while a call is on: our user asks, IMS agrees, the browser follows. */
export function whenFilming(state: Established, event: CallEvent): Step | undefined {
  switch (event.kind) {
    case 'device-filmed':
      return wanted(state, event.video);
    case 'video-wanted':
      return event.isOffered ? offerToIms(state) : settled(state, event.view);
    case 'video-reverted':
      return reverted(state, event);
    // Theirs was answered at once: the browser was not asked before.
    case 'device-answered':
      return event.refusesVideo ? wanted(state, 'none') : undefined;
    default:
      return undefined;
  }
}

/** Refused before our user could be asked, it is offered back once the caller has acknowledged. */
export function owing(step: Step, next: VideoWish | undefined): Step {
  const { state, effects } = step;
  if (next === undefined || state.kind !== 'established') return step;
  return go({ ...state, filming: { ...filmingOf(state), next } }, ...effects);
}

export function whenAcknowledged(state: Established): Step {
  const { next, ...filming } = filmingOf(state);
  return next === undefined ? stay(state) : wanted({ ...state, filming }, next);
}

/** One offer after the other, so that an answer is never taken for that to another one. */
function wanted(state: Established, wish: VideoWish): Step {
  const filming = filmingOf(state);
  if (filming.asked !== undefined || isOfferingToIms(state)) {
    return go({ ...state, filming: { ...filming, next: wish } });
  }
  return go(
    { ...state, filming: { view: filming.view, asked: wish } },
    { kind: 'want-video', device: state.device, wish },
  );
}

/** IMS refused our offer, with whatever it was to bring. */
export function revertVideo(state: Established): readonly CallEffect[] {
  const { asked = filmingOf(state).next } = filmingOf(state);
  return asked === undefined ? [] : [{ kind: 'revert-video', device: state.device }];
}

type Reverted = CallEvent & { readonly kind: 'video-reverted' };

function reverted(before: Established, { view, ...news }: Reverted): Step {
  const { effects, offers } = reofferTo(before.device, before.offers, news);
  const after = settled({ ...before, offers }, view);
  return go(after.state, ...effects, ...after.effects);
}

/** An answer of IMS to us, or ours to IMS: the device is told what it means for the pictures. */
export function filmed(
  before: Established,
  { view = DARK, asksVideo = false }: { readonly view?: VideoView; readonly asksVideo?: boolean },
  isTheirOffer = false,
): Step {
  if (isTheirOffer) return shown(before, view);
  // The offer of the call itself was a wish, too.
  const asked = { view: DARK, asked: 'sendrecv' } as const;
  const isFirst = asksVideo && before.filming === undefined;
  return settled(isFirst ? { ...before, filming: asked } : before, view);
}

const isSame = (a: VideoView, b: VideoView): boolean => a.ours === b.ours && a.theirs === b.theirs;

function shown(before: Established, view: VideoView): Step {
  const filming = filmingOf(before);
  if (isSame(filming.view, view)) return stay(before);
  const state = { ...before, filming: { ...filming, view } };
  return go(state, told(state));
}

/** What was asked is done with; what was asked meanwhile comes next. */
function settled(before: Established, view: VideoView): Step {
  const { asked, next, ...filming } = filmingOf(before);
  if (asked === undefined && next === undefined) return shown(before, view);
  const state = { ...before, filming: { ...filming, view } };
  const isRefused = asked === 'sendrecv' && !view.ours && !(before.hold?.byThem ?? false);
  const isNews = asked !== undefined || !isSame(filming.view, view);
  const effects = isNews ? [told(state, isRefused ? NO_VIDEO : undefined)] : [];
  if (next === undefined) return go(state, ...effects);
  const more = wanted(state, next);
  return go(more.state, ...effects, ...more.effects);
}

const told = ({ device, filming = NONE }: Established, refused?: string): CallEffect => ({
  ...{ kind: 'notify', device },
  notice: {
    ...{ event: 'call.video', ...filming.view },
    ...(refused !== undefined && { refused }),
  },
});
