/** A setting of a program of the lake that lets in people without asking who they are, or in the clear. */
export interface LooseSetting {
  readonly program: string;
  /** Fits one argument, `NAME=value` of a variable, or one line `name=value` of a file. */
  readonly pattern: RegExp;
  readonly means: string;
}

const off = '(?:false|none|disabled?|no|off|0)';

/** What to look for in arguments, variables and files of settings. Each is a default undone, or a password left out, by hand. */
export const looseSettings: readonly LooseSetting[] = [
  {
    program: 'Jupyter',
    pattern: /^-{0,2}(?:c\.)?(?:NotebookApp|ServerApp|IdentityProvider)\.token\s*=\s*(?:u?''|u?""|)$/,
    means: 'needs no token',
  },
  {
    program: 'Jupyter',
    pattern:
      /^-{0,2}(?:c\.)?(?:NotebookApp|ServerApp|PasswordIdentityProvider)\.(?:allow_unauthenticated_access|allow_remote_access_without_auth|disable_check_xsrf)\s*=\s*True$/i,
    means: 'lets in people without a token',
  },
  { program: 'Jupyter', pattern: /^JUPYTER_TOKEN\s*=\s*(?:''|""|)$/, means: 'needs no token' },
  {
    program: 'Spark',
    pattern: new RegExp(
      `^spark\\.(?:acls\\.enable|authenticate|ui\\.acls\\.enable|history\\.ui\\.acls\\.enable)\\s*[= ]\\s*${off}$`,
      'i',
    ),
    means: 'does not ask who runs jobs or looks at them',
  },
  {
    program: 'Spark',
    pattern: /^SPARK_(?:RPC_AUTHENTICATION_ENABLED|RPC_ENCRYPTION_ENABLED|SSL_ENABLED)\s*=\s*no$/i,
    means: 'speaks to its workers without asking who they are',
  },
  {
    program: 'Airflow',
    pattern: /^AIRFLOW__API__AUTH_BACKENDS?\s*=\s*airflow\.api\.auth\.backend\.default$/,
    means: 'lets anybody use its API',
  },
  {
    program: 'Airflow',
    pattern: /^auth_backends?\s*=\s*airflow\.api\.auth\.backend\.default$/,
    means: 'lets anybody use its API',
  },
  {
    program: 'Airflow',
    pattern: new RegExp(`^AIRFLOW__WEBSERVER__(?:AUTHENTICATE|RBAC)\\s*=\\s*${off}$`, 'i'),
    means: 'lets anybody look at it',
  },
  {
    program: 'Airflow',
    pattern: /^AIRFLOW__(?:CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS\s*=\s*true|WEBSERVER__EXPOSE_CONFIG\s*=\s*true)$/i,
    means: 'makes everybody an administrator or shows its settings',
  },
  {
    program: 'Trino',
    pattern: /^http-server\.authentication\.allow-insecure-over-http\s*=\s*true$/i,
    means: 'takes passwords in the clear, or none',
  },
  {
    program: 'Kafka',
    pattern: /^(?:KAFKA_)?ALLOW_EVERYONE_IF_NO_ACL_FOUND\s*=\s*true$/i,
    means: 'lets in everybody where no ACL says otherwise',
  },
  {
    program: 'Kafka',
    pattern: /^allow\.everyone\.if\.no\.acl\.found\s*=\s*true$/i,
    means: 'lets in everybody where no ACL says otherwise',
  },
  { program: 'Kafka', pattern: /^(?:KAFKA_CFG_)?ALLOW_PLAINTEXT_LISTENER\s*=\s*yes$/i, means: 'speaks in the clear' },
  { program: 'ZooKeeper', pattern: /^ALLOW_ANONYMOUS_LOGIN\s*=\s*(?:yes|true)$/i, means: 'lets in everybody' },
  {
    program: 'Kafka console',
    pattern: /^(?:AUTH_TYPE\s*=\s*disabled|MICRONAUT_SECURITY_ENABLED\s*=\s*false)$/i,
    means: 'shows its topics to everybody',
  },
  {
    program: 'Hadoop',
    pattern: new RegExp(
      `^(?:CORE_CONF_hadoop|CORE-SITE\\.XML_hadoop|hadoop)[._](?:security[._]authorization)\\s*=\\s*${off}$`,
      'i',
    ),
    means: 'asks nobody whether he may',
  },
  {
    program: 'Hadoop',
    pattern: new RegExp(`^(?:HDFS_CONF_dfs|HDFS-SITE\\.XML_dfs|dfs)[._]permissions[._]enabled\\s*=\\s*${off}$`, 'i'),
    means: 'lets everybody write every file',
  },
  {
    program: 'Hive',
    pattern: /^(?:HIVE_SITE_CONF_|HIVE-SITE\.XML_)?hive[._]server2[._]authentication\s*=\s*NONE$/i,
    means: 'believes every name without a password',
  },
  { program: 'Elasticsearch', pattern: /^xpack\.security\.enabled\s*=\s*false$/i, means: 'lets in everybody' },
];

/** The first loose setting that a text holds, if any. */
export function findLooseSetting(text: string): LooseSetting | undefined {
  const line = text.trim();
  return line.length < 8 || line.length > 500 ? undefined : looseSettings.find(({ pattern }) => pattern.test(line));
}
