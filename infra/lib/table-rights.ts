export type TableAction =
  | 'BatchGetItem'
  | 'DeleteItem'
  | 'GetItem'
  | 'PutItem'
  | 'Query'
  | 'UpdateItem';

/** Operations on the items whose partition key looks so; in an index, on its own partition key. */
export interface TableRight {
  readonly actions: readonly TableAction[];
  readonly keys: readonly string[];
  readonly onIndex?: boolean;
}

const CONNECTIONS = 'CONN#*';
/** Where calls of a user go. */
const FORWARDINGS = 'FORWARDING#*';
const NODES = 'NODE#*';
const OIDC_IDENTITIES = 'OIDC#*';
/** A client's own registrations with their devices, and the devices of trunks. */
const REGISTRATIONS = 'REG#*';
const REGISTRATION_PARTS = [REGISTRATIONS, 'TRUNKREG#*'];
const SESSIONS = 'SESSION#*';
const TENANTS = 'TENANT#*';
const TOKENS = 'TOKEN#*';
/** A binding is written on both its sides. */
const BINDINGS = ['TENANT#*#USER#*', 'TENANT#*#IMPU#*'];

const answerRequests: TableRight = {
  actions: ['GetItem', 'PutItem', 'UpdateItem'],
  keys: [CONNECTIONS],
};
const countAttempts: TableRight = { actions: ['UpdateItem'], keys: ['THROTTLE#*'] };
/** Whom an ID token stands for, and that it has been used; a claim may bind a new subject. */
const useIdTokens: TableRight = { actions: ['GetItem', 'PutItem'], keys: [OIDC_IDENTITIES] };
const readTenants: TableRight = { actions: ['GetItem'], keys: [TENANTS] };

/** What each deployable does to the one table, and so all that it may do. */
export const TABLE_RIGHTS = {
  authorize: [readTenants],
  connection: [
    { actions: ['DeleteItem', 'GetItem', 'PutItem'], keys: [CONNECTIONS] },
    { actions: ['GetItem', 'UpdateItem'], keys: [SESSIONS] },
    { actions: ['GetItem'], keys: [NODES] },
  ],
  login: [readTenants, countAttempts, answerRequests, useIdTokens],
  token: [
    readTenants,
    countAttempts,
    answerRequests,
    useIdTokens,
    { actions: ['PutItem'], keys: [TOKENS] },
  ],
  registration: [
    answerRequests,
    { actions: ['BatchGetItem', 'GetItem', 'Query'], keys: [TENANTS] },
    // A binding is also given up, and tokens are revoked on the item of the user.
    { actions: ['DeleteItem', 'PutItem', 'UpdateItem'], keys: BINDINGS },
    // Who registers is counted.
    { actions: ['PutItem', 'UpdateItem'], keys: ['TENANT#*#QUOTA#*'] },
    { actions: ['GetItem', 'UpdateItem'], keys: [TOKENS] },
    { actions: ['GetItem', 'PutItem', 'Query', 'UpdateItem'], keys: [SESSIONS] },
    { actions: ['GetItem'], keys: [NODES, REGISTRATIONS] },
    { actions: ['Query'], keys: ['NODES#up', 'TENANT#*#SESSIONS'], onIndex: true },
  ],
  session: [
    { actions: ['GetItem'], keys: [CONNECTIONS, SESSIONS, NODES, TENANTS] },
    // A call that no node took is written down here.
    { actions: ['PutItem'], keys: ['TENANT#*#CALL#*'] },
    { actions: ['UpdateItem'], keys: ['TENANT#*#USAGE#*'] },
  ],
  node: [
    { actions: ['GetItem', 'UpdateItem'], keys: [TENANTS] },
    { actions: ['PutItem', 'Query', 'UpdateItem'], keys: [SESSIONS] },
    {
      actions: ['DeleteItem', 'GetItem', 'PutItem', 'Query', 'UpdateItem'],
      keys: REGISTRATION_PARTS,
    },
    { actions: ['DeleteItem', 'GetItem', 'PutItem'], keys: [FORWARDINGS] },
    // Its own lease, and the end of another's that has lapsed.
    { actions: ['DeleteItem', 'GetItem', 'PutItem', 'UpdateItem'], keys: [NODES] },
    { actions: ['Query'], keys: ['CALLS#*', 'NODES#*', 'OWNER#*', 'TRUNKS'], onIndex: true },
  ],
} as const satisfies Readonly<Record<string, readonly TableRight[]>>;
