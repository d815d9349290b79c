import type { SealContext } from '@isthmus/shared/domain/seal-context';
import { type IGrantable, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import type { Stage } from '../stage.ts';

export interface SealKeyProps {
  readonly stage: Stage;
}

/** Seals IMS passwords. Who seals cannot unseal, and who unseals cannot seal. */
export class SealKey extends Construct {
  readonly #key: Key;

  constructor(scope: Construct, id: string, { stage }: SealKeyProps) {
    super(scope, id);
    this.#key = new Key(this, 'Key', {
      description: `Isthmus ${stage.name}: seals IMS passwords`,
      enableKeyRotation: true,
      removalPolicy: stage.removalPolicy,
    });
  }

  get keyArn(): string {
    return this.#key.keyArn;
  }

  grantSeal(grantee: IGrantable): void {
    this.#grant(grantee, 'kms:Encrypt', ['ims']);
  }

  grantUnseal(grantee: IGrantable): void {
    this.#grant(grantee, 'kms:Decrypt', ['ims', 'tls']);
  }

  /** Without the whole encryption context nothing is sealed, and nothing unsealed either. */
  #grant(grantee: IGrantable, action: string, purposes: readonly SealContext['purpose'][]): void {
    grantee.grantPrincipal.addToPrincipalPolicy(
      new PolicyStatement({
        actions: [action],
        resources: [this.keyArn],
        conditions: {
          StringEquals: { 'kms:EncryptionContext:purpose': purposes },
          Null: {
            'kms:EncryptionContext:tenant': 'false',
            'kms:EncryptionContext:subject': 'false',
          },
        },
      }),
    );
  }
}
