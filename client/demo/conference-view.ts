import type { Conference, ImsPhone } from '../src/ims-phone.ts';
import { element, show } from './elements.ts';

export interface ConferenceView {
  show(isOn: boolean): void;
}

/** Joins the two calls there are, and parts them again. */
export function createConferenceView(
  phone: ImsPhone,
  { onAlert, onChange }: { onAlert: (words: string) => void; onChange: () => void },
): ConferenceView {
  const button = element('conference', HTMLButtonElement);
  let conference: Conference | undefined;

  const join = (): void => {
    try {
      conference = phone.conference();
      conference.on('ended', () => {
        conference = undefined;
        onChange();
      });
    } catch (thrown) {
      onAlert(thrown instanceof Error ? thrown.message : 'There is no conference.');
    }
    onChange();
  };
  button.onclick = () => {
    if (conference) conference.split();
    else join();
  };
  return {
    show(isOn) {
      const talking = phone.calls.filter(({ phase }) => phase === 'active');
      show(button, isOn && talking.length === 2);
      button.ariaPressed = String(conference !== undefined);
    },
  };
}
