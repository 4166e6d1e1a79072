from sunlight.approval.audiences import APPROVING
from sunlight.web import navigation

navigation.add("工作台", "审批流程", "approval:flow", *APPROVING, icon="sitemap", order=50)
