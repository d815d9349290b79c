import type { Call, Party, Quality } from '../src/ims-phone.ts';
import { element, show, write } from './elements.ts';
import { durationWords } from './words.ts';

export interface CallView {
  /** Shows the call that is on, or the dialling field when there is none. */
  show(call: Call | undefined): void;
  /** Once for every call, whether it is in front or not. */
  follow(call: Call): void;
}

export interface CallViewOptions {
  readonly onChange: () => void;
  readonly onAlert: (words: string) => void;
}

const LOST = 'You may not hear the other side: the audio connection is lost.';

/** The part of the page that belongs to one call. */
export function createCallView({ onChange, onAlert }: CallViewOptions): CallView {
  const mute = element('mute', HTMLButtonElement);
  const digits = element('digits', HTMLElement);
  const hold = element('hold', HTMLButtonElement);
  const addCall = createAddCall(() => {
    arrange(current, addCall);
  });
  let current: Call | undefined;

  const follow = (call: Call): void => {
    call.on('phase', () => {
      onChange();
    });
    call.on('held', onChange);
    call.on('video', onChange);
    call.on('reconnecting', onChange);
    call.on('remote', (remote) => {
      if (call === current) showParty(remote);
      onChange();
    });
    call.on('quality', (quality) => {
      if (call === current && isHeard(call)) showQuality(quality);
    });
    let isLost = false;
    call.on('media', (media) => {
      if (media === 'lost') onAlert(LOST);
      else if (isLost) onAlert('');
      isLost = media === 'lost';
    });
    call.on('error', ({ message }) => {
      onAlert(message);
    });
  };
  element('answer', HTMLButtonElement).onclick = () => current?.accept();
  element('decline', HTMLButtonElement).onclick = () => current?.decline();
  element('hang-up', HTMLButtonElement).onclick = () => current?.hangUp();
  mute.onclick = () => {
    current?.mute(!current.muted);
    mute.ariaPressed = String(current?.muted ?? false);
  };
  hold.onclick = () => {
    if (current?.held.byUs) current.resume();
    else current?.hold();
  };
  element('dial-pad', HTMLElement).onclick = ({ target }) => {
    const digit = target instanceof Element ? digitOf(target) : undefined;
    if (digit === undefined) return;
    if (!current || addCall.isOpen) typeInto(element('target', HTMLInputElement), digit);
    else if (current.sendDtmf(digit)) {
      write(digits, digits.textContent + digit);
      show(digits, true);
    }
  };
  const tick = startClock(() => current);
  return {
    follow,
    show(call) {
      if (call !== current) addCall.close();
      if (call && call !== current) {
        mute.ariaPressed = String(call.muted);
        write(digits, '');
        show(digits, false);
        showUnmeasured();
        showParty(call.remote);
      }
      current = call;
      tick();
      arrange(call, addCall);
    },
  };
}

const isHeard = (call: Call | undefined): boolean => call?.phase === 'active' && !call.held.byUs;

interface AddCall {
  readonly isOpen: boolean;
  close(): void;
}

/** The dialling field beside a call, for a second one; the first is held when that is placed. */
function createAddCall(onChange: () => void): AddCall {
  const button = element('add-call', HTMLButtonElement);
  const set = (isOpen: boolean): void => {
    button.ariaExpanded = String(isOpen);
    write(button, isOpen ? 'Back to the call' : 'Add call');
  };
  const addCall = {
    get isOpen() {
      return button.ariaExpanded === 'true';
    },
    close: () => {
      set(false);
    },
  };
  button.onclick = () => {
    set(!addCall.isOpen);
    onChange();
    if (!addCall.isOpen) return;
    const target = element('target', HTMLInputElement);
    target.value = '';
    target.focus();
  };
  return addCall;
}

/** What is not needed now is hidden; the focus follows what is. */
function arrange(call: Call | undefined, { isOpen: isAdding }: AddCall): void {
  const phase = call?.phase;
  const isOn = call !== undefined;
  const isRinging = phase === 'incoming';
  const isActive = phase === 'active';
  const isDialling = !isOn || isAdding;
  show(element('dial-form', HTMLElement), isDialling);
  show(element('call', HTMLElement), isOn);
  show(element('dial-pad', HTMLElement), isDialling || isHeard(call));
  show(element('call-button', HTMLElement), isDialling);
  show(element('video-call', HTMLElement), isDialling);
  show(element('answer', HTMLElement), isRinging);
  show(element('answer-video', HTMLElement), isRinging && call?.video.remote !== undefined);
  show(element('decline', HTMLElement), isRinging);
  arrangeTalk(call, isActive && !isAdding);
  show(element('add-call', HTMLElement), isActive);
  show(element('hang-up', HTMLElement), isOn && !isRinging && !isAdding);
  // There from the first moment, so that no button moves away from who is about to press it.
  show(element('duration', HTMLElement), isActive);
  show(element('quality', HTMLElement), isHeard(call));
  if (isRinging) element('answer', HTMLElement).focus();
  else keepFocus(isDialling ? 'target' : 'hang-up');
}

function keepFocus(otherwise: string): void {
  const { activeElement, body } = document;
  const isLost = !activeElement?.checkVisibility() || activeElement === body;
  if (isLost) element(otherwise, HTMLElement).focus();
}

function arrangeTalk(call: Call | undefined, isShown: boolean): void {
  const hold = element('hold', HTMLButtonElement);
  const line = element('hold-state', HTMLElement);
  const { byUs = false, byThem = false } = call?.held ?? {};
  const { camera = false, remote } = call?.video ?? {};
  show(element('mute', HTMLElement), isShown && !byUs);
  show(element('camera', HTMLElement), isShown && !byUs);
  show(element('end-video', HTMLElement), isShown && (camera || remote !== undefined));
  show(hold, isShown);
  hold.ariaPressed = String(byUs);
  const isReconnecting = call?.reconnecting === true;
  show(line, byUs || byThem || isReconnecting);
  if (isReconnecting) write(line, 'Reconnecting …');
  else if (byUs) write(line, byThem ? 'Both sides hold' : 'On hold');
  else if (byThem) write(line, 'You are on hold');
}

function showParty({ uri, displayName = '' }: Party): void {
  const address = element('address', HTMLElement);
  write(element('party', HTMLElement), displayName === '' ? uri : displayName);
  write(address, uri);
  show(address, displayName !== '');
}

function showQuality({ words, roundTripMs, lossRatio }: Quality): void {
  const line = element('quality', HTMLElement);
  line.dataset['words'] = words;
  write(element('quality-words', HTMLElement), words);
  const loss = `${(lossRatio * 100).toFixed(lossRatio > 0 && lossRatio < 0.1 ? 1 : 0)} % lost`;
  write(
    element('quality-numbers', HTMLElement),
    `${String(Math.round(roundTripMs))} ms round trip · ${loss}`,
  );
}

/** As high as what will stand there. */
function showUnmeasured(): void {
  delete element('quality', HTMLElement).dataset['words'];
  write(element('quality-words', HTMLElement), '…');
  write(element('quality-numbers', HTMLElement), '\u00a0');
}

/** The returned function shows the time at once. */
function startClock(callNow: () => Call | undefined): () => void {
  const duration = element('duration', HTMLElement);
  const since = new WeakMap<Call, number>();
  const tick = (): void => {
    const call = callNow();
    if (call?.phase !== 'active') return;
    const atMs = since.get(call) ?? performance.now();
    since.set(call, atMs);
    write(duration, durationWords(performance.now() - atMs));
  };
  setInterval(tick, 500);
  return tick;
}

const digitOf = (target: Element): string | undefined =>
  target.closest<HTMLElement>('[data-digit]')?.dataset['digit'];

function typeInto(field: HTMLInputElement, digit: string): void {
  const at = field.selectionStart ?? field.value.length;
  field.setRangeText(digit, at, field.selectionEnd ?? at, 'end');
}
