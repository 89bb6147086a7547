/** The user who may do everything in the lake's HDFS, whoever runs it. */
export const superuser = 'root';

/** Where the parts of a running lake answer. A part that was not started has no address. */
export interface LakeAddresses {
  /** The folder that holds the lake's configuration, data and logs. */
  readonly folder: string;
  /** Base address of the NameNode's WebHDFS, such as `http://127.0.0.1:9870`. */
  readonly webhdfs?: string;
  /** The other one of a pair of NameNodes, first on standby. */
  readonly webhdfsStandby?: string;
  /** The file system's own name, such as `hdfs://127.0.0.1:8020`. */
  readonly defaultFs?: string;
  /** The metastore, such as `thrift://127.0.0.1:9083`. */
  readonly metastore?: string;
  /** A metastore of Hive 3.1, which enforces no compare-and-swap. */
  readonly metastore31?: string;
  /** A second server of the metastore, by Thrift over HTTP, such as `http://127.0.0.1:9084/metastore`. */
  readonly metastoreHttp?: string;
  /** The file with a bearer token for it. */
  readonly metastoreToken?: string;
  /** A metastore of its own on Derby, which knows no compare-and-swap. */
  readonly metastoreDerby?: string;
  /** The metastore's PostgreSQL, such as `postgresql://hive@127.0.0.1:5432/metastore`. */
  readonly postgres?: string;
  /** HiveServer2 (SASL PLAIN, any user), such as `hive2://127.0.0.1:10000`. */
  readonly hiveserver?: string;
  /** Kafka's bootstrap server, such as `127.0.0.1:9092`. */
  readonly kafka?: string;
  /** The same by TLS and SASL: PLAIN or SCRAM as the user `reader`, or OAUTHBEARER with a token that nobody signed. */
  readonly kafkaSecure?: string;
  /** The same by TLS, for clients with a certificate that is the broker's own. */
  readonly kafkaMutual?: string;
  /** Files with the CA of its certificate and the user's password. */
  readonly kafkaCa?: string;
  readonly kafkaPassword?: string;
  /** The broker's certificate and key (PKCS12, password `changeit`). */
  readonly kafkaStore?: string;
  /** Kafka Connect's REST address, such as `http://127.0.0.1:8083`. */
  readonly connect?: string;
  /** A schema registry (Apicurio); Confluent's API is below `/apis/ccompat/v7` of it, such as `http://127.0.0.1:8081`. */
  readonly registry?: string;
  /** The REST address of a Flink cluster, such as `http://127.0.0.1:8081`. */
  readonly flink?: string;
}
