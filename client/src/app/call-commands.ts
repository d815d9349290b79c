import type { AnswerOf } from '@isthmus/shared/wire/answers';
import type { CallAction } from '@isthmus/shared/wire/requests';
import type { Command } from '../core/call-command.ts';
import type { Ask, RequestChannel } from './request-channel.ts';

export interface CallCommands {
  send(command: Command): void;
}

export interface CallCommandsDeps {
  readonly callId: string;
  readonly ask: RequestChannel['ask'];
  readonly granted: (action: CallAction, answer: unknown) => void;
  readonly refused: (action: CallAction, thrown: unknown) => void;
}

/** Of one message; the schema takes no more. */
const MAX_CANDIDATES = 32;

/**
 * One command at a time, each with the next number: the gateway keeps no order,
 * and a command that was overtaken would be refused as stale.
 */
export function createCallCommands(deps: CallCommandsDeps): CallCommands {
  const queue: Command[] = [];
  let seq = 0;
  let busy = false;

  const next = (): void => {
    const command = queue.shift();
    busy = command !== undefined;
    if (!command) return;
    const { action } = command;
    seq += 1;
    const request = { ...command, callId: deps.callId, seq } as unknown as Ask<CallAction>;
    deps.ask<CallAction>(request).then(
      (answer: AnswerOf<CallAction>) => {
        deps.granted(action, answer);
        next();
      },
      (thrown: unknown) => {
        deps.refused(action, thrown);
        next();
      },
    );
  };
  const merge = (command: Command): boolean => {
    const last = queue.at(-1);
    if (command.action !== 'call.candidate' || last?.action !== 'call.candidate') return false;
    const candidates = [...last.candidates, ...command.candidates];
    if (candidates.length > MAX_CANDIDATES) return false;
    queue[queue.length - 1] = { action: 'call.candidate', candidates };
    return true;
  };
  return {
    send(command) {
      if (!merge(command)) queue.push(command);
      if (!busy) next();
    },
  };
}
