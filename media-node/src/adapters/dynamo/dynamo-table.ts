import {
  ConditionalCheckFailedException,
  TransactionCanceledException,
} from '@aws-sdk/client-dynamodb';
import {
  DeleteCommand,
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  TransactWriteCommand,
  type TransactWriteCommandInput,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import { IwfError } from '@isthmus/shared/errors/iwf-error';
import type { Key } from '@isthmus/shared/store/keys';

type Attributes = Readonly<Record<string, unknown>>;

/** `#name` in an expression is the attribute `name`, so that reserved words need not be known. */
export interface Change {
  readonly update: string;
  readonly condition: string;
  readonly values?: Attributes;
}

/** A condition and what stands in it. */
export interface Written {
  readonly condition: string;
  readonly values: Attributes;
}

export interface Selection {
  readonly index?: string;
  readonly where: string;
  readonly values: Attributes;
  readonly backwards?: boolean;
  readonly limit?: number;
}

export type Actions = NonNullable<TransactWriteCommandInput['TransactItems']>;

/** The one table; every failure of it leaves as `store.failed`. */
export class DynamoTable {
  readonly name: string;
  readonly #client: DynamoDBDocumentClient;

  constructor(client: DynamoDBDocumentClient, name: string) {
    this.#client = client;
    this.name = name;
  }

  async get(key: Key): Promise<Attributes | undefined> {
    const command = new GetCommand({ TableName: this.name, Key: key, ConsistentRead: true });
    const { Item } = await failing('get', this.#client.send(command));
    return Item;
  }

  async put(key: Key, attributes: Attributes): Promise<void> {
    const command = new PutCommand({ TableName: this.name, Item: { ...attributes, ...key } });
    await failing('put', this.#client.send(command));
  }

  /** False: there is such an item already. */
  putNew(key: Key, attributes: Attributes, orWritten?: Written): Promise<boolean> {
    const condition = `attribute_not_exists(#pk)${orWritten ? ` OR ${orWritten.condition}` : ''}`;
    const command = new PutCommand({
      TableName: this.name,
      Item: { ...attributes, ...key },
      ConditionExpression: condition,
      ExpressionAttributeNames: namesIn(condition),
      ...(orWritten && { ExpressionAttributeValues: orWritten.values }),
    });
    return succeeded('put', this.#client.send(command));
  }

  /** False: the condition does not hold. */
  deleteIf(key: Key, { condition, values }: Written): Promise<boolean> {
    const command = new DeleteCommand({
      TableName: this.name,
      Key: key,
      ConditionExpression: condition,
      ExpressionAttributeNames: namesIn(condition),
      ExpressionAttributeValues: values,
    });
    return succeeded('delete', this.#client.send(command));
  }

  async delete(key: Key): Promise<void> {
    const command = new DeleteCommand({ TableName: this.name, Key: key });
    await failing('delete', this.#client.send(command));
  }

  /** False: the condition does not hold. */
  update(key: Key, change: Change): Promise<boolean> {
    return succeeded('update', this.#client.send(new UpdateCommand(this.updateOf(key, change))));
  }

  updateOf(key: Key, { condition, update, values }: Change) {
    return {
      TableName: this.name,
      Key: key,
      UpdateExpression: update,
      ConditionExpression: condition,
      ExpressionAttributeNames: namesIn(update, condition),
      ...(values && { ExpressionAttributeValues: values }),
    };
  }

  /** The item as it is after the change; undefined where the condition does not hold. */
  async updated(key: Key, change: Change): Promise<Attributes | undefined> {
    const command = new UpdateCommand({ ...this.updateOf(key, change), ReturnValues: 'ALL_NEW' });
    let item: Attributes | undefined;
    const sent = this.#client.send(command).then(({ Attributes: all }) => {
      item = all;
    });
    return (await succeeded('update', sent)) ? item : undefined;
  }

  /** `conflict`: somebody else was writing, and it may be tried again. */
  async attempt(actions: Actions): Promise<'written' | 'refused' | 'conflict'> {
    try {
      await this.#client.send(new TransactWriteCommand({ TransactItems: actions }));
      return 'written';
    } catch (cause) {
      const codes = cancellationCodes(cause);
      if (codes.includes('ConditionalCheckFailed')) return 'refused';
      if (codes.includes('TransactionConflict')) return 'conflict';
      throw new IwfError('store.failed', { operation: 'transact' }, { cause });
    }
  }

  async query({ backwards, index, limit, values, where }: Selection): Promise<Attributes[]> {
    const found: Attributes[] = [];
    let start: Record<string, unknown> | undefined;
    do {
      const command = new QueryCommand({
        TableName: this.name,
        KeyConditionExpression: where,
        ExpressionAttributeNames: namesIn(where),
        ExpressionAttributeValues: values,
        ScanIndexForward: !backwards,
        // An index is eventually consistent and cannot be asked to be otherwise.
        ...(index === undefined ? { ConsistentRead: true } : { IndexName: index }),
        ...(limit !== undefined && { Limit: limit }),
        ...(start && { ExclusiveStartKey: start }),
      });
      const page = await failing('query', this.#client.send(command));
      found.push(...(page.Items ?? []));
      start = page.LastEvaluatedKey;
    } while (start && (limit === undefined || found.length < limit));
    return found;
  }
}

export const namesIn = (...expressions: readonly string[]): Record<string, string> =>
  Object.fromEntries(
    expressions.flatMap((text) => text.match(/#\w+/g) ?? []).map((name) => [name, name.slice(1)]),
  );

const cancellationCodes = (cause: unknown): readonly (string | undefined)[] =>
  cause instanceof TransactionCanceledException
    ? (cause.CancellationReasons?.map(({ Code }) => Code) ?? [])
    : [];

async function failing<T>(operation: string, sent: Promise<T>): Promise<T> {
  try {
    return await sent;
  } catch (cause) {
    throw new IwfError('store.failed', { operation }, { cause });
  }
}

async function succeeded(operation: string, sent: Promise<unknown>): Promise<boolean> {
  try {
    await sent;
    return true;
  } catch (cause) {
    if (cause instanceof ConditionalCheckFailedException) return false;
    throw new IwfError('store.failed', { operation }, { cause });
  }
}
