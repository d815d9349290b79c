import type { ImsPhone } from '../src/ims-phone.ts';
import { element, show, write } from './elements.ts';

export interface MessageView {
  show(isRegistered: boolean): void;
}

/** As many as a person looks back at. */
const KEPT = 100;

/** What was written to and by the user, while this page is open. */
export function createMessageView(phone: ImsPhone): MessageView {
  const button = element('messages-button', HTMLButtonElement);
  const section = element('messages', HTMLElement);
  const log = element('message-log', HTMLElement);
  const target = element('message-target', HTMLInputElement);
  const text = element('message-text', HTMLInputElement);
  let unread = 0;

  const set = (isOpen: boolean): void => {
    button.ariaExpanded = String(isOpen);
    show(section, isOpen);
    if (isOpen) unread = 0;
    write(button, unread === 0 ? 'Messages' : `Messages (${String(unread)} new)`);
  };
  const add = (who: string, words: string, isOwn: boolean): HTMLElement => {
    const line = document.createElement('li');
    line.className = isOwn ? 'own' : 'theirs';
    const name = document.createElement('strong');
    name.textContent = who;
    const note = document.createElement('small');
    line.append(name, ' ', words, ' ', note);
    log.append(line);
    while (log.children.length > KEPT) log.firstElementChild?.remove();
    line.scrollIntoView({ block: 'nearest' });
    return note;
  };
  button.onclick = () => {
    set(button.ariaExpanded !== 'true');
    if (button.ariaExpanded === 'true') (target.value === '' ? target : text).focus();
  };
  phone.on('message', ({ from, text: words }) => {
    if (button.ariaExpanded !== 'true') unread += 1;
    if (target.value === '') target.value = from.uri;
    set(button.ariaExpanded === 'true');
    add(from.displayName ?? from.uri, words, false);
  });
  element('message-form', HTMLFormElement).onsubmit = (event) => {
    event.preventDefault();
    const [to, words] = [target.value.trim(), text.value];
    const note = add(`To ${to}:`, words, true);
    write(note, 'sending …');
    text.value = '';
    text.focus();
    phone.sendMessage(to, words).then(
      ({ outcome }) => {
        write(note, outcome === 'delivered' ? 'delivered' : 'sent');
      },
      (thrown: unknown) => {
        write(note, thrown instanceof Error ? thrown.message : 'not sent');
        note.className = 'failed';
      },
    );
  };
  return {
    show(isRegistered) {
      show(button, isRegistered);
      if (!isRegistered) set(false);
    },
  };
}
