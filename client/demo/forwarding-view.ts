import type { ForwardingSettings, ImsPhone } from '../src/ims-phone.ts';
import { addField, element, show, write } from './elements.ts';

export interface ForwardingView {
  show(isRegistered: boolean): void;
}

const CASES = [
  { name: 'whenUnanswered', label: 'Nobody answers: send to' },
  { name: 'whenBusy', label: 'Busy: send to' },
  { name: 'whenOffline', label: 'No device connected: send to' },
] as const;

/** Where the calls of the user go that he does not take: shown as the service has it, and set. */
export function createForwardingView(phone: ImsPhone): ForwardingView {
  const button = element('forwarding-button', HTMLButtonElement);
  const form = element('forwarding-form', HTMLFormElement);
  const state = element('forwarding-state', HTMLElement);
  const targets = CASES.map(({ label, name }) => ({ name, field: addInput(state, label) }));
  const ringS = addInput(state, 'Seconds until nobody answers');
  Object.assign(ringS, { type: 'number', min: '5', max: '180', placeholder: 'as usual' });

  const fill = (settings: ForwardingSettings): void => {
    for (const { field, name } of targets) field.value = settings[name] ?? '';
    ringS.value = settings.ringS === undefined ? '' : String(settings.ringS);
  };
  const written = (): ForwardingSettings => ({
    ...Object.fromEntries(
      targets
        .map(({ field, name }) => [name, field.value.trim()] as const)
        .filter(([, target]) => target !== ''),
    ),
    ...(ringS.value !== '' && { ringS: ringS.valueAsNumber }),
  });
  const tell = (asked: Promise<void>, words: string): void => {
    asked.then(
      () => {
        write(state, words);
      },
      (thrown: unknown) => {
        write(state, thrown instanceof Error ? thrown.message : 'That did not work.');
      },
    );
  };
  const open = (isOpen: boolean): void => {
    button.ariaExpanded = String(isOpen);
    show(form, isOpen);
  };
  button.onclick = () => {
    open(button.ariaExpanded !== 'true');
    if (button.ariaExpanded !== 'true') return;
    write(state, 'Reading …');
    tell(phone.forwarding().then(fill), '');
    targets[0]?.field.focus();
  };
  form.onsubmit = (event) => {
    event.preventDefault();
    write(state, 'Saving …');
    tell(phone.setForwarding(written()), 'Saved');
  };
  return {
    show(isRegistered) {
      show(button, isRegistered);
      if (!isRegistered) open(false);
    },
  };
}

function addInput(before: HTMLElement, words: string): HTMLInputElement {
  const input = document.createElement('input');
  Object.assign(input, { type: 'text', autocomplete: 'off', spellcheck: false, maxLength: 256 });
  input.autocapitalize = 'none';
  input.id = `forwarding-${String(before.parentElement?.children.length ?? 0)}`;
  addField(before, input, words);
  return input;
}
