"""Duplicates, screening, full texts and counts."""

from django.urls import path

from .views import prisma

app_name = "screening"

urlpatterns = [
    # /r/<slug>/prisma/
    path("r/<slug:slug>/prisma/", prisma.page, name="prisma"),
    path("r/<slug:slug>/prisma/download/<str:kind>/", prisma.download, name="prisma_download"),
]
