import { IwfError } from '@isthmus/shared/errors/iwf-error';
import { requestKey } from '@isthmus/shared/store/keys';
import * as z from 'zod';
import type { AnswerCipher } from '../ports/answer-cipher.ts';
import type { RequestJournal, RequestName } from '../ports/request-journal.ts';
import type { DynamoTable } from './dynamo-table.ts';

export interface DynamoRequestJournalDeps {
  readonly table: DynamoTable;
  readonly cipher: AnswerCipher;
}

/** The gateway repeats within seconds. */
const KEPT_S = 300;

const journalItem = z.object({ answer: z.string().optional() });

/** An answer is bound to the request it answers. */
const subjectOf = ({ connection, requestId }: RequestName): string =>
  JSON.stringify([connection, requestId]);

const keyOf = ({ connection, requestId }: RequestName) => requestKey(connection, requestId);

export const createDynamoRequestJournal = ({
  cipher,
  table,
}: DynamoRequestJournalDeps): RequestJournal => ({
  begin: (request) =>
    table.putNew(keyOf(request), { tenantId: request.tenantId, ttl: table.nowS() + KEPT_S }),
  async finish(request, text) {
    const answer = cipher.encrypt(text, subjectOf(request));
    const { tenantId } = request;
    await table.put(keyOf(request), { tenantId, answer, ttl: table.nowS() + KEPT_S });
  },
  async answerTo(request) {
    const item = await table.get(keyOf(request), journalItem);
    if (item?.answer === undefined) return undefined;
    const answer = cipher.decrypt(item.answer, subjectOf(request));
    if (answer !== undefined) return answer;
    throw new IwfError('store.failed', { operation: 'read the answer to a repeated request' });
  },
});
