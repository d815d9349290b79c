import { GSI1 } from '@isthmus/shared/store/keys';
import { TABLE } from '@isthmus/shared/store/table';
import { Duration } from 'aws-cdk-lib';
import {
  AttributeType,
  Billing,
  Operation,
  TableEncryptionV2,
  TableV2,
} from 'aws-cdk-lib/aws-dynamodb';
import { type IGrantable, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { Stage } from '../stage.ts';
import type { TableRight } from '../table-rights.ts';

export interface OneTableProps {
  readonly stage: Stage;
}

/** The one truth about who is where; its shape is written down in shared/src/store. */
export class OneTable extends Construct {
  readonly #table: TableV2;

  constructor(scope: Construct, id: string, { stage }: OneTableProps) {
    super(scope, id);
    const text = (name: string) => ({ name, type: AttributeType.STRING });
    this.#table = new TableV2(this, 'Table', {
      partitionKey: text(TABLE.partitionKey),
      sortKey: text(TABLE.sortKey),
      globalSecondaryIndexes: [
        {
          indexName: TABLE.index.name,
          partitionKey: text(TABLE.index.partitionKey),
          sortKey: text(TABLE.index.sortKey),
        },
      ],
      timeToLiveAttribute: TABLE.ttlAttribute,
      billing: Billing.onDemand(),
      encryption: TableEncryptionV2.awsManagedKey(),
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: stage.isProtected,
      removalPolicy: stage.removalPolicy,
    });
  }

  get tableName(): string {
    return this.#table.tableName;
  }

  /** Each right becomes a statement of its own: operations, on keys of one look, and no more. */
  grant(grantee: IGrantable, rights: readonly TableRight[]): void {
    for (const right of rights) {
      grantee.grantPrincipal.addToPrincipalPolicy(
        new PolicyStatement({
          actions: right.actions.map((action) => `dynamodb:${action}`),
          resources: [
            right.onIndex ? `${this.#table.tableArn}/index/${GSI1}` : this.#table.tableArn,
          ],
          conditions: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': right.keys } },
        }),
      );
    }
  }

  metricThrottledRequests() {
    return this.#table.metricThrottledRequestsForOperations({
      operations: [Operation.GET_ITEM, Operation.PUT_ITEM, Operation.UPDATE_ITEM, Operation.QUERY],
      period: Duration.minutes(1),
    });
  }
}
