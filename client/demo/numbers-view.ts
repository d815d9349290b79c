import type { Call, CallNumbers, ImsPhone } from '../src/ims-phone.ts';
import { element, show, write } from './elements.ts';
import { hearingWords, numbersRows, setUpWords } from './numbers-words.ts';

export interface NumbersView {
  /** The call whose numbers may be asked for; they stay as they were when it ends. */
  show(call: Call | undefined): void;
}

/** As often as the node hears new reports; each time is a message that somebody pays for. */
const REFRESH_MS = 5_000;

/** How the call is beyond the browser, asked of the node while the user looks at it. */
export function createNumbersView(phone: ImsPhone): NumbersView {
  const button = element('numbers-button', HTMLButtonElement);
  const panel = element('numbers', HTMLElement);
  const note = element('numbers-note', HTMLElement);
  let current: Call | undefined;
  let isOpen = false;
  let isAsking = false;

  const refresh = async (call: Call): Promise<void> => {
    isAsking = true;
    try {
      const numbers = await phone.numbers(call.id);
      if (call === current) draw(numbers);
      write(note, '');
    } catch (thrown) {
      const words = thrown instanceof Error ? thrown.message : 'The numbers cannot be shown.';
      if (call.phase !== 'ended') write(note, words);
    } finally {
      isAsking = false;
    }
  };
  const refreshWhereDue = (): void => {
    const isSeen = isOpen && !document.hidden;
    if (isSeen && current && current.phase !== 'ended' && !isAsking) void refresh(current);
  };
  const open = (now: boolean): void => {
    isOpen = now;
    button.ariaExpanded = String(now);
    show(panel, now);
    refreshWhereDue();
  };
  button.onclick = () => {
    open(!isOpen);
  };
  setInterval(refreshWhereDue, REFRESH_MS);
  return {
    show(call) {
      if (call !== current) {
        for (const id of ['hearing', 'set-up']) write(element(id, HTMLElement), '');
        element('numbers-rows', HTMLElement).replaceChildren();
      }
      const isNew = call !== current;
      current = call;
      show(button, call !== undefined);
      if (call === undefined) open(false);
      else if (isNew) refreshWhereDue();
    },
  };
}

function draw(numbers: CallNumbers): void {
  write(element('hearing', HTMLElement), hearingWords(numbers).join(' · '));
  write(element('set-up', HTMLElement), setUpWords(numbers));
  element('numbers-rows', HTMLElement).replaceChildren(
    ...numbersRows(numbers).map(([what, access, ims]) => {
      const row = document.createElement('tr');
      const head = document.createElement('th');
      head.scope = 'row';
      head.textContent = what;
      row.append(head, ...[access, ims].map(cell));
      return row;
    }),
  );
}

function cell(words: string): HTMLTableCellElement {
  const made = document.createElement('td');
  made.textContent = words;
  return made;
}
