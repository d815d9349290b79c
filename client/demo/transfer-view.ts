import type { Call, ImsPhone } from '../src/ims-phone.ts';
import { element, show, write } from './elements.ts';

export interface TransferView {
  /** Of the call in front. */
  show(call: Call | undefined): void;
  follow(call: Call): void;
}

/** Handing the other side on: to a number, or to whom one talks to in the other call. */
export function createTransferView(phone: ImsPhone, onChange: () => void): TransferView {
  const button = element('transfer-button', HTMLButtonElement);
  const form = element('transfer-form', HTMLFormElement);
  const target = element('transfer-target', HTMLInputElement);
  const connect = element('connect-calls', HTMLButtonElement);
  const state = element('transfer-state', HTMLElement);
  /** Of each call, what is going on; nothing once it is over. */
  const news = new WeakMap<Call, string>();
  let current: Call | undefined;

  const set = (isOpen: boolean): void => {
    button.ariaExpanded = String(isOpen);
    show(form, isOpen);
  };
  const otherOf = (call: Call | undefined): Call | undefined =>
    phone.calls.find((it) => it !== call && it.phase === 'active');
  const done = (): void => {
    set(false);
    target.value = '';
    button.focus();
  };
  button.onclick = () => {
    set(button.ariaExpanded !== 'true');
    if (button.ariaExpanded === 'true') target.focus();
  };
  form.onsubmit = (event) => {
    event.preventDefault();
    current?.transfer(target.value.trim());
    done();
  };
  connect.onclick = () => {
    const other = otherOf(current);
    if (other) current?.transferTo(other);
    done();
  };
  return {
    follow(call) {
      call.on('transfer', (transfer) => {
        news.set(call, transferWords(transfer));
        onChange();
      });
      call.on('moving', ({ state: now, text, to }) => {
        const words = now === 'failed' ? `Not put through: ${text}` : `Put through to ${to.uri} …`;
        news.set(call, words);
        onChange();
      });
      call.on('remote', () => {
        news.delete(call);
      });
    },
    show(call) {
      if (call !== current) set(false);
      current = call;
      const isActive = call?.phase === 'active';
      show(button, isActive);
      if (!isActive) set(false);
      show(connect, otherOf(call) !== undefined);
      const words = (call && isActive && news.get(call)) ?? '';
      write(state, words === false ? '' : words);
      show(state, state.textContent !== '');
    },
  };
}

const transferWords = ({
  state,
  text,
}: {
  readonly state: string;
  readonly text: string;
}): string => (state === 'failed' ? `Not transferred: ${text}` : `Transfer: ${text} …`);
