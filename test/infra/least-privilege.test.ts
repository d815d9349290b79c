import { TABLE_RIGHTS } from '../../infra/lib/table-rights.ts';
import { actionsOf, statementsOf, synthesised, type Templates } from './support/synthesised.ts';

let templates: Templates;
beforeAll(() => {
  templates = synthesised('prod');
});

const everyStatement = () =>
  [templates.network, templates.signalling, templates.media].flatMap(statementsOf);
const ofService = (service: string) =>
  everyStatement().filter(({ statement }) =>
    actionsOf(statement).some((action) => action.startsWith(`${service}:`)),
  );

/** AWS knows no narrower resource for these. */
const WITHOUT_RESOURCE = [
  'ec2:AssignPrivateIpAddresses',
  'ec2:CreateNetworkInterface',
  'ec2:DeleteNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSubnets',
  'ec2:UnassignPrivateIpAddresses',
  'ecr:GetAuthorizationToken',
];

describe('OPS-1: least privilege', () => {
  it('allows no action by a wildcard', () => {
    const wild = everyStatement().flatMap(({ statement }) =>
      actionsOf(statement).filter((action) => action.includes('*')),
    );

    expect(wild).toEqual([]);
  });

  it('allows on every resource only what has no resource', () => {
    const unbounded = everyStatement()
      .filter(({ statement }) => statement.Resource === '*')
      .flatMap(({ statement }) => actionsOf(statement));

    expect(unbounded.filter((action) => !WITHOUT_RESOURCE.includes(action))).toEqual([]);
  });

  it('lets nobody scan the table (OPS-4)', () => {
    const actions = ofService('dynamodb').flatMap(({ statement }) => actionsOf(statement));

    expect(actions.length).toBeGreaterThan(0);
    expect(actions).not.toContain('dynamodb:Scan');
    expect(actions).not.toContain('dynamodb:PartiQLSelect');
  });

  it('binds every operation on the table to keys', () => {
    for (const { statement } of ofService('dynamodb')) {
      expect(statement.Condition).toMatchObject({
        'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': expect.anything() as unknown },
      });
    }
  });

  it('lets the authorizer read tenants and do nothing else', () => {
    const own = everyStatement().filter(({ policy }) => policy.startsWith('Authorize'));

    const actions = own.flatMap(({ statement }) => actionsOf(statement));
    expect(actions.filter((action) => !action.startsWith('logs:'))).toEqual(['dynamodb:GetItem']);
  });

  it.each(
    Object.entries(TABLE_RIGHTS)
      .filter(([concern]) => concern !== 'token' && concern !== 'registration')
      .map(([concern]) => concern),
  )('keeps tokens from %s', (concern) => {
    const keys = TABLE_RIGHTS[concern as keyof typeof TABLE_RIGHTS].flatMap(({ keys }) => [
      ...keys,
    ]);

    expect(keys).not.toContain('TOKEN#*');
  });

  it('shows who the users of foreign issuers are to log-in and token alone (REG-4)', () => {
    const knowing = Object.entries(TABLE_RIGHTS)
      .filter(([, rights]) => rights.some(({ keys }) => keys.some((key) => key.startsWith('OIDC'))))
      .map(([concern]) => concern);

    expect(knowing).toEqual(['login', 'token']);
  });
});

describe('SEC-2: the sealing key', () => {
  const holdersOf = (action: string) =>
    ofService('kms')
      .filter(({ statement }) => actionsOf(statement).includes(action))
      .map(({ policy }) => policy.replace(/(Role|Task).*/, ''));

  it('seals for log-in alone and unseals for nodes alone', () => {
    expect(holdersOf('kms:Encrypt')).toEqual(['Login']);
    expect(holdersOf('kms:Decrypt')).toEqual(['Nodes']);
  });

  it('does neither without the whole encryption context', () => {
    for (const { statement } of ofService('kms')) {
      const isUnsealing = actionsOf(statement).includes('kms:Decrypt');
      expect(statement.Condition).toEqual({
        StringEquals: { 'kms:EncryptionContext:purpose': isUnsealing ? ['ims', 'tls'] : ['ims'] },
        Null: {
          'kms:EncryptionContext:tenant': 'false',
          'kms:EncryptionContext:subject': 'false',
        },
      });
    }
  });
});
