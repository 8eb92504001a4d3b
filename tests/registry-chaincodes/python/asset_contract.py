"""A contract on the Python contract API, as the documentation of fabric-chaincode-python shows one: it runs as a service."""

from fabric_chaincode_python.fabric_contract_api import Contract, ContractChaincode
from fabric_chaincode_python.fabric_contract_api import TransactionContextInterface


class AssetContract(Contract):
    Name = "AssetContract"

    async def create(self, ctx: TransactionContextInterface, key: str, value: str) -> str:
        stub = ctx.get_stub()
        if await stub.get_state(key):
            raise ValueError(f"asset {key} already exists")
        await stub.put_state(key, value)
        return value

    async def read(self, ctx: TransactionContextInterface, key: str) -> str:
        value = await ctx.get_stub().get_state(key)
        if not value:
            raise ValueError(f"asset {key} does not exist")
        return value.decode()

    async def remove(self, ctx: TransactionContextInterface, key: str) -> str:
        await ctx.get_stub().delete_state(key)
        return key

    async def caller(self, ctx: TransactionContextInterface) -> str:
        return ctx.get_client_identity().get_mspid()


if __name__ == "__main__":
    ContractChaincode.new_chaincode(AssetContract()).start()
