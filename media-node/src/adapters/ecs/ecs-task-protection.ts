import { IwfError } from '@isthmus/shared/errors/iwf-error';
import type { TaskProtection } from '../../ports/task-protection.ts';

export interface EcsTaskProtectionOptions {
  /** `ECS_AGENT_URI` of the task. */
  readonly agentUrl: string;
  readonly timeoutMs?: number;
}

/** In the words of the agent. */
interface Wish {
  readonly ProtectionEnabled: boolean;
  readonly ExpiresInMinutes?: number;
}

const TIMEOUT_MS = 5_000;

/** Scale-in protection, asked of the agent: neither scaling in nor a deployment stops the task. */
export function createEcsTaskProtection(options: EcsTaskProtectionOptions): TaskProtection {
  const { agentUrl, timeoutMs = TIMEOUT_MS } = options;
  async function put(state: Wish): Promise<void> {
    const response = await fetch(`${agentUrl}/task-protection/v1/state`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(state),
      signal: AbortSignal.timeout(timeoutMs),
    });
    const body = await response.text();
    if (response.ok && isProtected(body) === state.ProtectionEnabled) return;
    const reason = `task protection: status ${String(response.status)}: ${body}`;
    throw new IwfError('internal', { reason });
  }
  return {
    hold: (minutes) => put({ ProtectionEnabled: true, ExpiresInMinutes: minutes }),
    release: () => put({ ProtectionEnabled: false }),
  };
}

/** A refusal may come with status 200 too, with `failure` or `error` in place of `protection`. */
function isProtected(body: string): unknown {
  try {
    const answer = JSON.parse(body) as { protection?: { ProtectionEnabled?: unknown } } | null;
    return answer?.protection?.ProtectionEnabled;
  } catch {
    // Neither yes nor no: the caller takes it for a refusal and shows the body.
    return undefined;
  }
}
