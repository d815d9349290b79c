import type { Call, ImsPhone, LadderEntry } from '../src/ims-phone.ts';
import { element, show, write } from './elements.ts';

export interface TraceView {
  /** The call whose trace may be asked for; it stays so after its end. */
  show(call: Call | undefined): void;
}

const REFRESH_MS = 1_000;
/** Offers and answers are what one looks for first. */
const DESCRIBES = /^v=0\s*$/m;
const NAMES = { browser: 'Browser', isthmus: 'Isthmus', ims: 'IMS' } as const;

/** The ladder of a call, drawn when the user asks for it and not before. */
export function createTraceView(phone: ImsPhone, isOffered: boolean): TraceView {
  const button = element('trace-button', HTMLButtonElement);
  const panel = element('trace', HTMLElement);
  const list = element('ladder', HTMLOListElement);
  const note = element('trace-note', HTMLElement);
  let current: Call | undefined;
  let isOpen = false;
  let isAsking = false;

  const refresh = async (call: Call): Promise<void> => {
    isAsking = true;
    try {
      const entries = await phone.trace(call.id);
      if (call === current) draw(list, entries);
      write(note, '');
    } catch (thrown) {
      write(note, thrown instanceof Error ? thrown.message : 'The trace cannot be shown.');
    } finally {
      isAsking = false;
    }
  };
  const refreshWhereDue = (): void => {
    if (isOpen && current && !isAsking) void refresh(current);
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
      if (call !== current) list.replaceChildren();
      current = call;
      show(button, isOffered && call !== undefined);
      if (call === undefined) open(false);
    },
  };
}

/** A ladder only grows: what is drawn stays, and what the user has opened stays open. */
function draw(list: HTMLOListElement, entries: readonly LadderEntry[]): void {
  const [first] = entries;
  if (list.children.length > entries.length) list.replaceChildren();
  for (const entry of entries.slice(list.children.length)) {
    list.append(row(entry, entry.atMs - (first?.atMs ?? entry.atMs)));
  }
}

function row({ from, text, title, to }: LadderEntry, sinceMs: number): HTMLLIElement {
  const time = node('span', 'time', `${(sinceMs / 1000).toFixed(3)} s`);
  const way = node('span', 'unseen', `${NAMES[from]} to ${NAMES[to]}: `);
  const arrow = node('span', 'arrow', '');
  const said = DESCRIBES.test(text) ? `${title} · SDP` : title;
  arrow.append(way, node('span', 'title', said));
  arrow.dataset['leg'] = from === 'ims' || to === 'ims' ? 'ims' : 'browser';
  arrow.dataset['way'] = from === 'browser' || to === 'ims' ? 'right' : 'left';
  const summary = document.createElement('summary');
  summary.append(time, arrow);
  const details = document.createElement('details');
  details.append(summary, node('pre', 'message', text));
  const item = document.createElement('li');
  item.append(details);
  return item;
}

function node(tag: 'span' | 'pre', name: string, text: string): HTMLElement {
  const made = document.createElement(tag);
  made.className = name;
  made.textContent = text;
  return made;
}
