import type { SipMessage } from '../../core/sip/message.ts';
import { withoutSipSecrets } from '../../core/trace/redaction.ts';
import type { Direction, SipLegTrace, SipTrace } from '../../ports/trace.ts';

interface Facts {
  readonly callId: string;
  readonly fromTag: string;
  readonly toTag: string;
  readonly isRequest: boolean;
  readonly isInvite: boolean;
  readonly title: string;
}

/**
 * A caller's leg is known by the tag of its From: a network that passes the Call-ID on may bring the
 * same call back to the same account as another user's, who must not see the caller's side.
 */
export const callerLeg = (account: string, callId: string, fromTag: string): string =>
  `${account}|${callId}|${fromTag}`;
export const calleeLeg = (account: string, callId: string): string => `${account}|${callId}|callee`;

/** Tells what one account sends and receives; requests that begin no call are nobody's. */
export class SipTraceFeed {
  readonly #trace: SipTrace | undefined;
  readonly #account: string;

  constructor(trace: SipTrace | undefined, account: string) {
    this.#trace = trace;
    this.#account = account;
  }

  sent(text: string): void {
    if (this.#trace) this.#tell('out', factsOfText(text), text);
  }

  received(message: SipMessage): void {
    if (this.#trace) this.#tell('in', factsOfMessage(message), textOf(message));
  }

  #tell(direction: Direction, facts: Facts, text: string): void {
    const { callId, fromTag, isInvite, isRequest, title, toTag } = facts;
    const isOurs = isRequest === (direction === 'out');
    const begins = isRequest && isInvite && toTag === '';
    const caller = callerLeg(this.#account, callId, isOurs ? fromTag : toTag);
    const callee = calleeLeg(this.#account, callId);
    const legs: readonly SipLegTrace[] = [
      { id: caller, begins: begins && isOurs },
      { id: callee, begins: begins && !isOurs },
    ];
    this.#trace?.sip(legs, { direction, title, text: withoutSipSecrets(text) });
  }
}

function factsOfMessage({ callId, cseq, from, start, to }: SipMessage): Facts {
  const isRequest = start.kind === 'request';
  return {
    ...{ callId, fromTag: from.parameters['tag'] ?? '', toTag: to.parameters['tag'] ?? '' },
    ...{
      isRequest,
      isInvite: cseq.method === 'INVITE' && (!isRequest || start.method === 'INVITE'),
    },
    title: isRequest ? start.method : titleOf(start.status, start.reason, cseq.method),
  };
}

/** Of a message of ours, which sip.js writes in one form only. */
function factsOfText(text: string): Facts {
  const [startLine = ''] = text.split('\r\n', 1);
  const [, status, reason = ''] = /^SIP\/2\.0 (\d{3}) ?(.*)$/.exec(startLine) ?? [];
  const [method = ''] = startLine.split(' ', 1);
  const isRequest = status === undefined;
  const cseqMethod = /^CSeq: \d+ (\S+)/im.exec(text)?.[1] ?? '';
  return {
    callId: /^Call-ID: (.*?)\r$/im.exec(text)?.[1] ?? '',
    fromTag: /^From: .*;tag=([^;\s]+)/im.exec(text)?.[1] ?? '',
    toTag: /^To: .*;tag=([^;\s]+)/im.exec(text)?.[1] ?? '',
    isRequest,
    isInvite: isRequest ? method === 'INVITE' : cseqMethod === 'INVITE',
    title: isRequest ? method : titleOf(Number(status), reason, cseqMethod),
  };
}

const titleOf = (status: number, reason: string, method: string): string =>
  `${String(status)} ${reason}`.trim() + (method === 'INVITE' ? '' : ` (${method})`);

/** As it was read, its lists taken apart and its names in long form. */
function textOf({ body, headers, start }: SipMessage): string {
  const startLine =
    start.kind === 'request'
      ? `${start.method} ${start.uri.text} SIP/2.0`
      : `SIP/2.0 ${String(start.status)} ${start.reason}`;
  const lines = headers.map(({ name, value }) => `${nameOf(name)}: ${value}`);
  return `${[startLine, ...lines].join('\r\n')}\r\n\r\n${body}`;
}

const ODD_NAMES: Readonly<Record<string, string>> = {
  'call-id': 'Call-ID',
  cseq: 'CSeq',
  rack: 'RAck',
  rseq: 'RSeq',
};
const nameOf = (name: string): string =>
  ODD_NAMES[name] ??
  name.replace(/(^|-)([a-z])/g, (_, dash: string, letter: string) => dash + letter.toUpperCase());
