import type { AnswerOf } from '@isthmus/shared/wire/answers';
import type { CallAction } from '@isthmus/shared/wire/requests';
import type { Command } from '../core/call-command.ts';
import type { Ask, RequestChannel } from './request-channel.ts';

export interface CallCommands {
  send(command: Command): void;
  /** In its turn; nobody else is told of the answer. */
  exchange<A extends CallAction>(command: Command & { readonly action: A }): Promise<AnswerOf<A>>;
}

export interface CallCommandsDeps {
  readonly callId: string;
  readonly ask: RequestChannel['ask'];
  readonly granted: (action: CallAction, answer: unknown) => void;
  readonly refused: (action: CallAction, thrown: unknown) => void;
}

interface Queued {
  readonly command: Command;
  readonly granted: (answer: unknown) => void;
  readonly refused: (thrown: unknown) => void;
}

/** Of one message; the schema takes no more. */
const MAX_CANDIDATES = 32;

/**
 * One command at a time, each with the next number: the gateway keeps no order,
 * and a command that was overtaken would be refused as stale.
 */
export function createCallCommands(deps: CallCommandsDeps): CallCommands {
  const queue: Queued[] = [];
  let seq = 0;
  let busy = false;

  const toldOf = (command: Command): Queued => ({
    command,
    granted: (answer) => {
      deps.granted(command.action, answer);
    },
    refused: (thrown) => {
      deps.refused(command.action, thrown);
    },
  });
  const next = (): void => {
    const queued = queue.shift();
    busy = queued !== undefined;
    if (!queued) return;
    const { command, granted, refused } = queued;
    seq += 1;
    const request = { ...command, callId: deps.callId, seq } as unknown as Ask<CallAction>;
    deps.ask<CallAction>(request).then(
      (answer: AnswerOf<CallAction>) => {
        granted(answer);
        next();
      },
      (thrown: unknown) => {
        refused(thrown);
        next();
      },
    );
  };
  const merge = (command: Command): boolean => {
    const queued = queue.at(-1);
    const last = queued?.command;
    if (command.action !== 'call.candidate' || last?.action !== 'call.candidate') return false;
    const candidates = [...last.candidates, ...command.candidates];
    if (candidates.length > MAX_CANDIDATES) return false;
    queue[queue.length - 1] = toldOf({ action: 'call.candidate', candidates });
    return true;
  };
  const add = (queued: Queued): void => {
    queue.push(queued);
    if (!busy) next();
  };
  return {
    send(command) {
      if (!merge(command)) add(toldOf(command));
    },
    exchange: <A extends CallAction>(command: Command & { readonly action: A }) =>
      new Promise<AnswerOf<A>>((resolve, reject) => {
        const granted = resolve as (answer: unknown) => void;
        add({ command, granted, refused: reject });
      }),
  };
}
