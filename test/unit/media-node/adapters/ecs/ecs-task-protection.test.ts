import { createEcsTaskProtection } from '../../../../../media-node/src/adapters/ecs/ecs-task-protection.ts';
import { anEndpoint, type Endpoint, type Reply } from './an-endpoint.ts';

const granted = (ProtectionEnabled: boolean): Reply => ({
  body: JSON.stringify({ protection: { ProtectionEnabled, TaskArn: 'arn:aws:ecs:task/1' } }),
});

let agent: Endpoint;
afterEach(() => agent.close());

const protectionOf = async (...replies: readonly Reply[]) => {
  agent = await anEndpoint(...replies);
  return createEcsTaskProtection({ agentUrl: `${agent.url}/api/abc` });
};

describe('SES-8: the protection of a task', () => {
  it('is asked of the agent, for a while', async () => {
    const protection = await protectionOf(granted(true));

    await protection.hold(10);

    expect(agent.asked).toEqual([
      {
        line: 'PUT /api/abc/task-protection/v1/state',
        contentType: 'application/json',
        body: '{"ProtectionEnabled":true,"ExpiresInMinutes":10}',
      },
    ]);
  });

  it('is given back', async () => {
    const protection = await protectionOf(granted(false));

    await protection.release();

    expect(agent.asked.map(({ body }) => body)).toEqual(['{"ProtectionEnabled":false}']);
  });

  it.each<[string, Reply]>([
    ['a failure', { body: '{"failure":{"Reason":"TASK_NOT_VALID"}}' }],
    ['an error', { status: 400, body: '{"error":{"Code":"AccessDeniedException"}}' }],
    ['the opposite', granted(false)],
    ['no JSON', { body: 'well' }],
    ['nothing', { body: 'null' }],
  ])('is refused by %s', async (_, reply) => {
    const protection = await protectionOf(reply);

    await expect(protection.hold(10)).rejects.toMatchObject({
      details: { reason: expect.stringContaining(reply.body) as unknown },
    });
  });
});
