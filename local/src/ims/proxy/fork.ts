import type { Clock } from '../clock.ts';
import {
  type SipRequest,
  type SipResponse,
  withoutTopHeader,
  withTopHeader,
} from '../sip/message.ts';
import { responseTo } from '../sip/respond.ts';
import { randomToken } from '../sip/tokens.ts';
import type { ClientTransaction } from '../transaction/client-transaction.ts';
import type { ServerTransaction } from '../transaction/server-transaction.ts';
import { TIMER_C_MS } from '../transaction/timers.ts';
import type { Transactions } from '../transaction/transactions.ts';
import type { Flow } from '../transport/flow.ts';

export interface Target {
  /** Ready to leave but for its Via. */
  readonly request: SipRequest;
  readonly via: string;
  readonly flow: Flow;
}

export interface ForkDeps {
  readonly transactions: Transactions;
  readonly clock: Clock;
}

interface Branch {
  readonly client: ClientTransaction;
  readonly stopTimerC: () => void;
  final?: SipResponse;
}

/** Sends a request to all targets; the first 2xx wins, else the best refusal (RFC 3261 §16.7). */
export function forkTo(
  targets: readonly Target[],
  upstream: ServerTransaction,
  { transactions, clock }: ForkDeps,
): void {
  const branches: Branch[] = [];

  function cancelOthers(than?: Branch): void {
    const pending = branches.filter((it) => it !== than && it.final === undefined);
    if (upstream.request.method === 'INVITE') for (const { client } of pending) client.cancel();
  }

  function onFinal(branch: Branch, response: SipResponse): void {
    const isFirst = branch.final === undefined;
    branch.final = response;
    branch.stopTimerC();
    // Every 2xx goes upstream, repeated and late ones too (RFC 3261 §16.7 step 5).
    if (response.status < 300) {
      upstream.respond(withoutTopHeader(response, 'Via'));
      cancelOthers(branch);
    } else if (isFirst) {
      if (response.status >= 600) cancelOthers(branch);
      answerWithBest();
    }
  }

  function answerWithBest(): void {
    const finals = branches.flatMap(({ final }) => final ?? []);
    if (finals.length < targets.length || upstream.isFinal) return;
    const best = finals.toSorted((left, right) => rank(left) - rank(right))[0];
    if (best !== undefined) upstream.respond(withoutTopHeader(best, 'Via'));
  }

  function start({ request, via, flow }: Target): void {
    const onResponse = (response: SipResponse): void => {
      if (response.status === 100) return;
      if (response.status >= 200) onFinal(branch, response);
      else if (branch.final === undefined) upstream.respond(withoutTopHeader(response, 'Via'));
    };
    const client = transactions.start(withTopHeader(request, 'Via', via), flow, onResponse);
    const stopTimerC = clock.after(TIMER_C_MS, () => {
      client.cancel();
    });
    const branch: Branch = { client, stopTimerC };
    branches.push(branch);
  }

  upstream.onCancel = () => {
    cancelOthers();
  };
  for (const target of targets) start(target);
  if (targets.length === 0) {
    upstream.respond(responseTo(upstream.request, { status: 480, toTag: randomToken() }));
  }
}

/** 6xx before all; then the lowest class; within it a person's answer before a machine's. */
function rank({ status }: SipResponse): number {
  if (status >= 600) return status - 600;
  return [408, 480, 487].includes(status) ? status + 50 : status;
}
