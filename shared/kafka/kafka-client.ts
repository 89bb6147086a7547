// Loading the client costs 300 ms, so this file is imported when Kafka is asked, and packaged as a file of its own.
export { Admin, Consumer } from '@platformatic/kafka';
