import type { ImsPhone, LadderEntry } from '../src/ims-phone.ts';
import { type AskingPanel, createAskingPanel } from './asking-panel.ts';
import { element } from './elements.ts';

const REFRESH_MS = 1_000;
/** Offers and answers are what one looks for first. */
const DESCRIBES = /^v=0\s*$/m;
const NAMES = { browser: 'Browser', isthmus: 'Isthmus', ims: 'IMS' } as const;

/** The ladder of a call, which is whole only after the call's end. */
export function createTraceView(phone: ImsPhone): AskingPanel {
  const list = element('ladder', HTMLOListElement);
  return createAskingPanel<readonly LadderEntry[]>({
    id: 'trace',
    refreshMs: REFRESH_MS,
    failure: 'The trace cannot be shown.',
    ask: (call) => phone.trace(call.id),
    isDue: () => true,
    draw(entries) {
      draw(list, entries);
    },
    clear() {
      list.replaceChildren();
    },
  });
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
