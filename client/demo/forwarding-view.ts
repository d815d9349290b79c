import type { ForwardingSettings, ImsPhone } from '../src/ims-phone.ts';
import { element, show, write } from './elements.ts';

export interface ForwardingView {
  show(isRegistered: boolean): void;
}

const CASES = ['whenUnanswered', 'whenBusy', 'whenOffline'] as const;

/** Where the calls of the user go that he does not take: shown as the service has it, and set. */
export function createForwardingView(phone: ImsPhone): ForwardingView {
  const button = element('forwarding-button', HTMLButtonElement);
  const form = element('forwarding-form', HTMLFormElement);
  const state = element('forwarding-state', HTMLElement);
  const ringS = element('forward-ring-s', HTMLInputElement);
  const targets = CASES.map((name) => ({
    name,
    field: element(`forward-${name}`, HTMLInputElement),
  }));

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
