import { type Call, createImsPhone, type ImsPhone, type LogIn } from '../src/ims-phone.ts';
import { createCallNews } from './call-news.ts';
import { createCallView } from './call-view.ts';
import { createConferenceView } from './conference-view.ts';
import { createDevicesView } from './devices-view.ts';
import { element, show, write } from './elements.ts';
import { createForwardingView } from './forwarding-view.ts';
import { createMessageView } from './message-view.ts';
import { createNumbersView } from './numbers-view.ts';
import { createOtherCalls, frontOf } from './other-calls.ts';
import { createPictureView } from './picture-view.ts';
import { createTraceView } from './trace-view.ts';
import { createTransferView } from './transfer-view.ts';
import { callWords, endingWords, otherWords, registrationWords } from './words.ts';

interface PageConfig {
  readonly wsUrl: string;
  readonly tenants: readonly string[];
  /** Whether the service shows the signalling of calls. */
  readonly trace?: boolean;
}

const status = element('status', HTMLElement);
const logInForm = element('log-in-form', HTMLFormElement);

const alertUser = (words: string): void => {
  write(element('alert', HTMLElement), words);
};

/** Failures that the SDK foresees carry a sentence for people. */
const sentenceOf = (thrown: unknown): string =>
  thrown instanceof Error ? thrown.message : 'Something went wrong.';

async function start(): Promise<void> {
  const response = await fetch('/config.json');
  const { wsUrl, tenants, trace = false } = (await response.json()) as PageConfig;
  const tenant = new URLSearchParams(location.search).get('tenant') ?? tenants[0] ?? '';
  const shown = element('tenant', HTMLElement);
  write(shown, tenant);
  show(shown, tenant !== '');
  const audio = element('remote', HTMLAudioElement);
  run(createImsPhone({ url: wsUrl, tenant, audio }), trace);
}

function run(phone: ImsPhone, isTraced: boolean): void {
  // The last call stays in the status after its end, until the user does something else.
  let last: Call | undefined;
  const view = createCallView({ onChange: refresh, onAlert: alertUser });
  const showOthers = createOtherCalls();
  const trace = isTraced ? createTraceView(phone) : undefined;
  const numbers = createNumbersView(phone);
  const showUsersViews = createUsersViews(phone);
  const conference = createConferenceView(phone, { onAlert: alertUser, onChange: refresh });
  const transfers = createTransferView(phone, refresh);
  const news = createCallNews();
  const pictures = createPictureView();
  function refresh(): void {
    const call = frontOf(phone.calls, last) ?? last;
    const others = phone.calls.filter((it) => it !== call);
    if (last?.phase !== 'ended') last = call;
    write(status, statusWords(phone, [last, call], others));
    status.dataset['state'] = stateOf(phone, call);
    const isOut = phone.connection === 'offline' || phone.connection === 'connecting';
    show(logInForm, isOut);
    show(element('phone', HTMLElement), !isOut);
    show(element('log-out', HTMLElement), !isOut);
    if (!isOut) view.show(call?.phase === 'ended' ? undefined : call);
    showOthers(others);
    const shown = isOut ? undefined : call;
    trace?.show(shown);
    numbers.show(shown);
    showUsersViews(!isOut);
    conference.show(!isOut);
    transfers.show(shown);
    news.show(shown);
    pictures.show(shown);
  }
  const takeUp = (next: Call | undefined): void => {
    alertUser('');
    if (next) {
      view.follow(next);
      transfers.follow(next);
      news.follow(next);
    }
    // Who only waits changes nothing of what the user sees in front.
    if (next?.phase !== 'incoming' || phone.calls.length < 2) last = next;
    refresh();
  };
  listen(phone, { refresh, takeUp });
  const callWaiting = createCallWaiting(phone);
  onLogIn((who) => {
    callWaiting();
    takeUp(undefined);
    return phone.logIn(who);
  });
  element('log-out', HTMLButtonElement).onclick = () => {
    phone.logOut();
    takeUp(undefined);
  };
  element('dial-form', HTMLFormElement).onsubmit = (event) => {
    event.preventDefault();
    const target = element('target', HTMLInputElement).value.trim();
    if (target === '') return;
    try {
      takeUp(phone.call(target, { video: event.submitter?.id === 'video-call' }));
    } catch (thrown) {
      alertUser(sentenceOf(thrown));
    }
  };
  refresh();
}

/** What is there without a call, too; the returned function shows it while there is a user. */
function createUsersViews(phone: ImsPhone): (isRegistered: boolean) => void {
  const views = [createMessageView(phone), createForwardingView(phone), createDevicesView(phone)];
  return (isRegistered) => {
    for (const view of views) view.show(isRegistered);
  };
}

interface Page {
  readonly refresh: () => void;
  readonly takeUp: (call: Call) => void;
}

function listen(phone: ImsPhone, { refresh, takeUp }: Page): void {
  phone.on('registration', refresh);
  phone.on('connection', refresh);
  phone.on('incoming', takeUp);
  phone.on('error', ({ message }) => {
    alertUser(message);
  });
  phone.on('ended', ({ reason }) => {
    const words = endingWords(reason);
    if (words !== undefined) alertUser(words);
  });
}

/** The user's own choice, kept in this browser; a tenant may have no call waiting at all. */
function createCallWaiting(phone: ImsPhone): () => void {
  const box = element('call-waiting', HTMLInputElement);
  box.checked = localStorage.getItem('call-waiting') === 'on';
  return () => {
    localStorage.setItem('call-waiting', box.checked ? 'on' : 'off');
    phone.declineWhenBusy = !box.checked;
  };
}

function onLogIn(logIn: (who: LogIn) => Promise<void>): void {
  const button = element('log-in', HTMLButtonElement);
  logInForm.onsubmit = (event) => {
    event.preventDefault();
    const fields = new FormData(logInForm);
    const text = (name: string): string => {
      const value = fields.get(name);
      return typeof value === 'string' ? value : '';
    };
    const option = text('option') as LogIn['option'];
    button.disabled = true;
    logIn({ option, userName: text('userName').trim(), password: text('password') })
      .then(() => {
        element('password', HTMLInputElement).value = '';
        element('target', HTMLInputElement).focus();
      })
      .catch((thrown: unknown) => {
        alertUser(sentenceOf(thrown));
      })
      .finally(() => {
        button.disabled = false;
      });
  };
}

/** One sentence after the other: registration, what has just ended, what is in front, what waits. */
function statusWords(
  phone: ImsPhone,
  shown: readonly (Call | undefined)[],
  others: readonly Call[],
): string {
  const calls = new Set(shown.filter((it) => it !== undefined));
  return [
    registrationWords(phone.registration, phone.connection),
    ...[...calls].map(callWords),
    ...others.filter((it) => !calls.has(it)).map(otherWords),
  ].join(' · ');
}

function stateOf(phone: ImsPhone, call: Call | undefined): string {
  if (call && call.phase !== 'ended') return 'busy';
  return phone.registration.state;
}

start().catch((thrown: unknown) => {
  alertUser(`The page cannot start: ${sentenceOf(thrown)}`);
});
