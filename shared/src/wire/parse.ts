import type * as z from 'zod';
import { IwfError } from '../errors/iwf-error.ts';
import { err, ok, type Result } from '../result.ts';
import { MAX_MESSAGE_BYTES } from './limits.ts';
import { type Action, REQUESTS, type Request } from './requests.ts';

const isAction = (value: unknown): value is Action =>
  typeof value === 'string' && Object.hasOwn(REQUESTS, value);

/** Text of one client message → a request, or the reason why it is none. Never throws. */
export function parseRequest(text: string): Result<Request, IwfError> {
  if (text.length > MAX_MESSAGE_BYTES) {
    return err(
      new IwfError('wire.too-large', { sizeBytes: text.length, limitBytes: MAX_MESSAGE_BYTES }),
    );
  }
  const json = parseJson(text);
  if (!json.ok) return json;
  const action = (json.value as { action?: unknown } | null)?.action;
  if (!isAction(action)) {
    return err(new IwfError('wire.unknown-action', { action: String(action).slice(0, 64) }));
  }
  const parsed = REQUESTS[action].safeParse(json.value);
  if (parsed.success) return ok(parsed.data);
  const issue = tellingOf(parsed.error.issues[0]);
  return err(
    new IwfError('wire.malformed', {
      path: issue?.path.join('.') ?? '',
      reason: issue?.message ?? 'unknown',
    }),
  );
}

/** Of a message that may take several forms: what keeps it from the form it comes closest to. */
function tellingOf(issue: z.core.$ZodIssue | undefined): z.core.$ZodIssue | undefined {
  if (issue?.code !== 'invalid_union') return issue;
  const [closest] = issue.errors.toSorted((a, b) => a.length - b.length);
  return closest?.[0] ?? issue;
}

/** The `id` of a message that may not parse, so that even a refusal can name what it refuses. */
export function requestIdOf(text: string): string {
  const json = parseJson(text);
  const id = json.ok ? (json.value as { id?: unknown } | null)?.id : undefined;
  return typeof id === 'string' ? id.slice(0, 64) : '';
}

function parseJson(text: string): Result<unknown, IwfError> {
  try {
    return ok(JSON.parse(text) as unknown);
  } catch (cause) {
    return err(new IwfError('wire.malformed', { path: '', reason: 'not JSON' }, { cause }));
  }
}
