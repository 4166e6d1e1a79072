from sunlight.approval import readers
from sunlight.web import navigation

navigation.add("工作台", "审批流程", "approval:flow", *readers.CHAINS, icon="sitemap", order=50)
