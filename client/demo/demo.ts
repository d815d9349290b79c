import { type Call, createImsPhone, type ImsPhone, type LogIn } from '../src/ims-phone.ts';
import { createCallView } from './call-view.ts';
import { element, show, write } from './elements.ts';
import { createTraceView } from './trace-view.ts';
import { callWords, endingWords, registrationWords } from './words.ts';

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
  let call: Call | undefined;
  const calls = createCallView({ onChange: refresh, onAlert: alertUser });
  const trace = createTraceView(phone, isTraced);
  function refresh(): void {
    const registration = registrationWords(phone.registration, phone.connection);
    write(status, call ? `${registration} · ${callWords(call)}` : registration);
    status.dataset['state'] = stateOf(phone, call);
    const isOut = phone.connection === 'offline' || phone.connection === 'connecting';
    show(logInForm, isOut);
    show(element('phone', HTMLElement), !isOut);
    show(element('log-out', HTMLElement), !isOut);
    if (!isOut) calls.show(call?.phase === 'ended' ? undefined : call);
    trace.show(isOut ? undefined : call);
  }
  const takeUp = (next: Call | undefined): void => {
    alertUser('');
    call = next;
    refresh();
  };
  listen(phone, { refresh, takeUp });
  onLogIn((who) => {
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
      takeUp(phone.call(target));
    } catch (thrown) {
      alertUser(sentenceOf(thrown));
    }
  };
  refresh();
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

function stateOf(phone: ImsPhone, call: Call | undefined): string {
  if (call && call.phase !== 'ended') return 'busy';
  return phone.registration.state;
}

start().catch((thrown: unknown) => {
  alertUser(`The page cannot start: ${sentenceOf(thrown)}`);
});
