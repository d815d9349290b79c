import { throttleKey } from '@isthmus/shared/store/keys';
import * as z from 'zod';
import type { AttemptCounter } from '../ports/attempt-counter.ts';
import type { DynamoTable } from './dynamo-table.ts';

const counterItem = z.object({ attempts: z.int() });

export const createDynamoAttemptCounter = (table: DynamoTable): AttemptCounter => ({
  async count(subject, window, ttl) {
    const update = 'ADD #attempts :one SET #ttl = :ttl';
    const change = { update, values: { ':one': 1, ':ttl': ttl } };
    const { attempts } = await table.updated(throttleKey(subject, window), change, counterItem);
    return attempts;
  },
  async forgive(subject, window) {
    await table.update(throttleKey(subject, window), {
      update: 'ADD #attempts :less',
      condition: 'attribute_exists(#attempts)',
      values: { ':less': -1 },
    });
  },
});
