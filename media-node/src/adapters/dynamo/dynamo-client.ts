import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';

export interface DynamoClientOptions {
  readonly region: string;
  /** Only where DynamoDB is not Amazon's own: there credentials mean nothing. */
  readonly endpoint: string | undefined;
}

const ANY_CREDENTIALS = { accessKeyId: 'local', secretAccessKey: 'local' };

export function createDynamoClient(options: DynamoClientOptions): DynamoDBDocumentClient {
  const { endpoint, region } = options;
  const elsewhere = endpoint === undefined ? {} : { endpoint, credentials: ANY_CREDENTIALS };
  return DynamoDBDocumentClient.from(new DynamoDBClient({ region, ...elsewhere }), {
    marshallOptions: { removeUndefinedValues: true },
  });
}
