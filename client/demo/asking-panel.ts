import type { Call } from '../src/ims-phone.ts';
import { element, show, write } from './elements.ts';

/** What a panel shows of a call: asked for while a user looks at it, and not before. */
export interface Asking<Answer> {
  /** The panel's id; its button and its note are named after it. */
  readonly id: string;
  readonly refreshMs: number;
  /** For whoever is told no reason. */
  readonly failure: string;
  ask(call: Call): Promise<Answer>;
  /** Whether anything new can be learned of this call. */
  isDue(call: Call): boolean;
  draw(answer: Answer): void;
  clear(): void;
}

export interface AskingPanel {
  /** The call that may be asked about; what is drawn of it stays when it ends. */
  show(call: Call | undefined): void;
}

export function createAskingPanel<Answer>(asking: Asking<Answer>): AskingPanel {
  const button = element(`${asking.id}-button`, HTMLButtonElement);
  const panel = element(asking.id, HTMLElement);
  const note = element(`${asking.id}-note`, HTMLElement);
  let current: Call | undefined;
  let isOpen = false;
  let isAsking = false;

  const refresh = async (call: Call): Promise<void> => {
    isAsking = true;
    try {
      const answer = await asking.ask(call);
      if (call === current) asking.draw(answer);
      write(note, '');
    } catch (thrown) {
      if (asking.isDue(call))
        write(note, thrown instanceof Error ? thrown.message : asking.failure);
    } finally {
      isAsking = false;
    }
  };
  const refreshWhereDue = (): void => {
    const isSeen = isOpen && !document.hidden;
    if (isSeen && current && asking.isDue(current) && !isAsking) void refresh(current);
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
  setInterval(refreshWhereDue, asking.refreshMs);
  return {
    show(call) {
      const isNew = call !== current;
      if (isNew) asking.clear();
      current = call;
      show(button, call !== undefined);
      if (call === undefined) open(false);
      else if (isNew) refreshWhereDue();
    },
  };
}
