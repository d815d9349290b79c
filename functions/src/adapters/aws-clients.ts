import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { KMSClient } from '@aws-sdk/client-kms';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';

export interface DynamoClientOptions {
  readonly region: string;
  /** Only where DynamoDB is not Amazon's own: there credentials mean nothing. */
  readonly endpoint: string | undefined;
}

const ANY_CREDENTIALS = { accessKeyId: 'local', secretAccessKey: 'local' };
/** A message is answered in seconds or not at all: no try may eat them all. */
const MAX_ATTEMPTS = 4;

export function createDynamoClient({
  endpoint,
  region,
}: DynamoClientOptions): DynamoDBDocumentClient {
  const elsewhere = endpoint === undefined ? {} : { endpoint, credentials: ANY_CREDENTIALS };
  const client = new DynamoDBClient({ region, maxAttempts: MAX_ATTEMPTS, ...elsewhere });
  return DynamoDBDocumentClient.from(client, {
    marshallOptions: { removeUndefinedValues: true },
  });
}

export const createKmsClient = ({ region }: { readonly region: string }): KMSClient =>
  new KMSClient({ region });
