import type { Call } from '../src/ims-phone.ts';
import { element, show } from './elements.ts';
import { partyWords } from './words.ts';

interface Choice {
  readonly label: string;
  readonly kind: 'go' | 'stop' | 'plain';
  readonly choose: () => void;
}

/** The call to be shown in front: the one that is heard, else the one the user saw last. */
export function frontOf(calls: readonly Call[], last: Call | undefined): Call | undefined {
  const isHeard = (call: Call): boolean => call.phase !== 'incoming' && !call.held.byUs;
  const live = calls.find((it) => it === last);
  if (live && isHeard(live)) return live;
  return calls.find(isHeard) ?? live ?? calls[0];
}

/** Calls behind the one in front: who waits, who is on hold, and what can be done about them. */
export function createOtherCalls(): (others: readonly Call[]) => void {
  const list = element('others', HTMLUListElement);
  let shown = '';
  return (others) => {
    const now = others.map((it) => `${it.id} ${wordsFor(it)}`).join();
    // What has not changed keeps the focus that it may have.
    if (now === shown) return;
    shown = now;
    list.replaceChildren(...others.map(rowOf));
    show(list, others.length > 0);
  };
}

export function wordsFor(call: Call): string {
  if (call.phase === 'incoming') return 'Call waiting';
  return call.held.byUs ? 'On hold' : 'Also in the call';
}

function choicesFor(call: Call): readonly Choice[] {
  if (call.phase !== 'incoming') {
    if (!call.held.byUs) return [];
    return [
      {
        label: 'Swap',
        kind: 'plain',
        choose: () => {
          call.resume();
        },
      },
    ];
  }
  return [
    {
      label: 'Hold and answer',
      kind: 'go',
      choose: () => {
        call.accept();
      },
    },
    {
      label: 'Decline',
      kind: 'stop',
      choose: () => {
        call.decline();
      },
    },
  ];
}

function rowOf(call: Call): HTMLLIElement {
  const row = document.createElement('li');
  const party = document.createElement('strong');
  party.id = `party-of-${call.id}`;
  party.textContent = partyWords(call.remote);
  const state = document.createElement('span');
  state.textContent = wordsFor(call);
  const buttons = choicesFor(call).map(({ label, kind, choose }) => {
    const button = document.createElement('button');
    Object.assign(button, { type: 'button', textContent: label, className: kind, onclick: choose });
    button.setAttribute('aria-describedby', party.id);
    return button;
  });
  const who = document.createElement('p');
  who.append(state, party);
  const what = document.createElement('div');
  what.className = 'choices';
  what.append(...buttons);
  row.append(who, what);
  return row;
}
