import { randomInt } from 'node:crypto';
import { setTimeout as after } from 'node:timers/promises';
import { IwfError } from '@isthmus/shared/errors/iwf-error';
import type { Actions, DynamoTable } from './dynamo-table.ts';

/** Two transactions that touch one item at once: one is cancelled without a verdict. */
const TRIES = 12;
const PAUSE_MS = 20;

/** All of the writes or none. False: the condition of one does not hold. */
export async function allOrNone(table: DynamoTable, actions: Actions): Promise<boolean> {
  for (let tryNo = 1; tryNo <= TRIES; tryNo += 1) {
    const outcome = await table.attempt(actions);
    if (outcome !== 'conflict') return outcome === 'written';
    // Not in step with whoever lost against the same transaction.
    await after(randomInt(PAUSE_MS * tryNo));
  }
  throw new IwfError('store.failed', { operation: 'transact: too many conflicts' });
}
