"""Moto, an emulator of AWS, in one process with what fills it: prints where it listens and the truth as one line of JSON, and
ends with its standard input. `small` holds the groups that are easily judged wrongly; numbers fill it for benchmarks."""

import json
import logging
import random
import sys

import boto3
from moto import mock_aws
from moto.moto_server.threaded_moto_server import ThreadedMotoServer

REGION = "eu-central-1"
WORLD = "0.0.0.0/0"


def v4(*blocks):
    return {"IpRanges": [{"CidrIp": block} for block in blocks]}


def v6(*blocks):
    return {"Ipv6Ranges": [{"CidrIpv6": block} for block in blocks]}


def tcp(first, last, sources):
    return {"IpProtocol": "tcp", "FromPort": first, "ToPort": last, **sources}


def prefix_list(ec2, name, *blocks):
    made = ec2.create_managed_prefix_list(
        PrefixListName=name, MaxEntries=10, AddressFamily="IPv4", Entries=[{"Cidr": block} for block in blocks]
    )
    return made["PrefixList"]["PrefixListId"]


def tricky(ec2):
    """Permissions for tcp/22 by the exposure that they give."""
    everything = prefix_list(ec2, "everything", "10.0.0.0/8", WORLD)
    office = prefix_list(ec2, "office", "8.8.8.0/24")

    def lists(name):
        return {"PrefixListIds": [{"PrefixListId": name}]}

    return {
        "world": [
            [tcp(22, 22, v4(WORLD))],
            [tcp(22, 22, v6("::/0"))],
            [tcp(22, 22, v6("0000:0000:0000:0000:0000:0000:0000:0000/0"))],
            [tcp(20, 25, v4(WORLD))],
            [tcp(0, 65535, v4(WORLD))],
            [{"IpProtocol": "-1", **v4(WORLD)}],
            [{"IpProtocol": "-1", **v6("::/0")}],
            [{"IpProtocol": "6", "FromPort": 22, "ToPort": 22, **v4(WORLD)}],
            [tcp(22, 22, v4("0.0.0.0/1", "128.0.0.0/1"))],
            [tcp(20, 22, v4("0.0.0.0/1")), tcp(22, 30, v4("128.0.0.0/1"))],
            [tcp(22, 22, v6("::/1", "8000::/1"))],
            [tcp(22, 22, v6("2000::/3"))],
            [tcp(22, 22, v4("1.2.3.4/0"))],
            [tcp(22, 22, lists(everything))],
            [tcp(22, 22, {"IpRanges": [{"CidrIp": "10.0.0.0/8"}, {"CidrIp": WORLD, "Description": "temp"}]})],
        ],
        "wide": [[tcp(22, 22, v4("64.0.0.0/6"))], [tcp(22, 22, v4("0.0.0.0/1"))]],
        "closed": [
            [{"IpProtocol": "udp", "FromPort": 22, "ToPort": 22, **v4(WORLD)}],
            [{"IpProtocol": "icmp", "FromPort": -1, "ToPort": -1, **v4(WORLD)}],
            [tcp(443, 443, v4(WORLD))],
            [tcp(22, 22, v4("10.0.0.0/8"))],
            [tcp(22, 22, v4("172.16.0.0/12"))],
            [tcp(22, 22, v4("8.8.8.8/32"))],
            [tcp(22, 22, v6("fc00::/7"))],
            [tcp(22, 22, lists(office))],
            [],
        ],
    }


def usual(dice):
    """Permissions as most groups have them, and whether they open tcp/22 to the world."""
    is_open = dice.random() < 0.15
    rules = [tcp(443, 443, v4(WORLD)), tcp(9092, 9094, v4("10.0.0.0/8", f"172.16.{dice.randrange(255)}.0/24"))]
    rules.append(tcp(22, 22, v4(WORLD if is_open else f"10.{dice.randrange(255)}.0.0/16")))
    return rules, is_open


def tags(dice, kind, name):
    mine = [{"Key": "Name", "Value": name}]
    if dice.random() < 0.8:
        mine.append({"Key": "owner", "Value": f"team-{dice.randrange(20)}"})
    return {"TagSpecifications": [{"ResourceType": kind, "Tags": mine}]}, len(mine) == 2


def fill(groups, instances, volumes, buckets):
    ec2 = boto3.client("ec2", REGION)
    s3 = boto3.client("s3", REGION)
    dice = random.Random(1)
    network = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    truth = {"world": [], "wide": [], "closed": [], "unowned": {"SecurityGroup": 0, "Instance": 0, "Volume": 0, "Bucket": 0}}
    planned = [(exposure, rules) for exposure, all_rules in tricky(ec2).items() for rules in all_rules]
    while len(planned) < groups:
        rules, is_open = usual(dice)
        planned.append(("world" if is_open else "closed", rules))
    ids = []
    for number, (exposure, rules) in enumerate(planned):
        given, owned = tags(dice, "security-group", f"group-{number}")
        truth["unowned"]["SecurityGroup"] += not owned
        made = ec2.create_security_group(GroupName=f"group-{number}", Description="filled", VpcId=network, **given)
        ids.append(made["GroupId"])
        if rules:
            ec2.authorize_security_group_ingress(GroupId=made["GroupId"], IpPermissions=rules)
        truth[exposure].append(made["GroupId"])
    subnet = ec2.create_subnet(VpcId=network, CidrBlock="10.0.0.0/17")["Subnet"]["SubnetId"]
    image = ec2.describe_images()["Images"][0]["ImageId"]
    for number in range(instances):
        given, owned = tags(dice, "instance", f"instance-{number}")
        truth["unowned"]["Instance"] += not owned
        ec2.run_instances(ImageId=image, MinCount=1, MaxCount=1, SubnetId=subnet, SecurityGroupIds=[ids[number % len(ids)]], **given)
        # The disk of an instance has no tags.
        truth["unowned"]["Volume"] += 1
    for number in range(max(0, volumes - instances)):
        given, owned = tags(dice, "volume", f"volume-{number}")
        truth["unowned"]["Volume"] += not owned
        ec2.create_volume(AvailabilityZone=f"{REGION}a", Size=8, Encrypted=dice.random() < 0.7, **given)
    for number in range(buckets):
        name = f"lake-{number}"
        s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
        if dice.random() < 0.8:
            s3.put_bucket_tagging(Bucket=name, Tagging={"TagSet": [{"Key": "owner", "Value": "lake"}]})
        else:
            truth["unowned"]["Bucket"] += 1
    return truth


def main():
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    sizes = [int(size) for size in sys.argv[1:5]]
    with mock_aws():
        truth = fill(*sizes)
        server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        server.start()
        host, port = server.get_host_and_port()
        print(json.dumps({"url": f"http://{host}:{port}", "truth": truth}), flush=True)
        sys.stdin.read()
        server.stop()


main()
