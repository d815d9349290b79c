import { ENV, readEnv } from '../../../functions/src/env.ts';

const given = { TABLE_NAME: 'isthmus', AWS_REGION: 'eu-central-1' };

describe('the environment of the functions', () => {
  it('needs table and region, and has a default for the rest', () => {
    expect(readEnv(given)).toEqual({
      tableName: 'isthmus',
      region: 'eu-central-1',
      dynamodbEndpoint: undefined,
      sealKeyFile: undefined,
      sealKmsKeyId: undefined,
      answerKey: undefined,
      tokenTtlS: 60,
      loginWindowS: 60,
      loginsPerUser: 10,
      loginsPerAddress: 100,
      controlDeadlineMs: 800,
      logLevel: 'INFO',
    });
  });

  it('is read from text', () => {
    const env = readEnv({ ...given, TOKEN_TTL_S: '30', LOG_LEVEL: 'warn', OTHER: 'x' });

    expect(env).toMatchObject({ tokenTtlS: 30, logLevel: 'WARN' });
    expect(Object.isFrozen(env)).toBe(true);
  });

  it('names all that is wrong in one message', () => {
    const wrong = {
      TOKEN_TTL_S: 'soon',
      LOGINS_PER_USER: '0',
      ANSWER_KEY: 'short',
      LOG_LEVEL: 'x',
    };

    const problems = [...Object.keys(wrong), ENV.TABLE_NAME, ENV.AWS_REGION];
    const expected = new RegExp(problems.map((name) => `(?=.*${name}: )`).join(''));
    expect(() => readEnv(wrong)).toThrow(expected);
  });

  it('refuses two ways of sealing at once', () => {
    const both = { ...given, SEAL_KEY_FILE: '/k', SEAL_KMS_KEY_ID: 'alias/k' };

    expect(() => readEnv(both)).toThrow('set at most one of SEAL_KEY_FILE and SEAL_KMS_KEY_ID');
  });
});

describe('the Lambda entry points', () => {
  it.each(['authorize', 'connection', 'login', 'token', 'registration', 'session'])(
    '%s can be loaded without any environment',
    async (name) => {
      const loaded = (await import(`../../../functions/src/handlers/${name}.ts`)) as {
        handler: unknown;
      };

      expect(loaded.handler).toBeInstanceOf(Function);
    },
  );
});
